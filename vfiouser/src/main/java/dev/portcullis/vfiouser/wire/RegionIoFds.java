package dev.portcullis.vfiouser.wire;

import java.lang.foreign.MemorySegment;

/// Descriptors through which parts of a region can be reached directly: argsz, flags, index, count
/// of parts, 32 bits each. We offer none, so no part follows.
///
/// @vfiouser 6 VFIO_USER_DEVICE_GET_REGION_IO_FDS
public record RegionIoFds(long argszBytes, int flags, long index, int count) {
  public static final int BYTES = 16;

  public static RegionIoFds decode(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    Wire.expect(lengthBytes, BYTES);
    long argszBytes = Wire.u32(from, at);
    Wire.expectRoom(argszBytes, BYTES);
    return new RegionIoFds(
        argszBytes, Wire.i32(from, at + 4), Wire.u32(from, at + 8), Wire.i32(from, at + 12));
  }

  public long encode(MemorySegment into, long at) {
    Wire.put32(into, at, argszBytes);
    Wire.put32(into, at + 4, flags);
    Wire.put32(into, at + 8, index);
    Wire.put32(into, at + 12, count);
    return BYTES;
  }
}
