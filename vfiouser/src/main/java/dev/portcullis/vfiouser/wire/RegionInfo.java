package dev.portcullis.vfiouser.wire;

import java.lang.foreign.MemorySegment;

/// A region of the device: argsz, flags, index, offset of capabilities, 32 bits each; size and
/// offset for `mmap(2)`, 64 bits each.
///
/// @param flags [0] readable, [1] writable, [2] mappable, [3] capabilities follow
/// @param index 0 to 5 base address registers, 6 expansion ROM, 7 configuration space, 8 VGA
/// @vfiouser 5 VFIO_USER_DEVICE_GET_REGION_INFO
public record RegionInfo(long argszBytes, int flags, long index, long sizeBytes) {
  public static final int BYTES = 32;
  public static final int READ = 1;
  public static final int WRITE = 1 << 1;

  public static RegionInfo decode(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    Wire.expect(lengthBytes, BYTES);
    long argszBytes = Wire.u32(from, at);
    Wire.expectRoom(argszBytes, BYTES);
    return new RegionInfo(
        argszBytes, Wire.i32(from, at + 4), Wire.u32(from, at + 8), Wire.i64(from, at + 16));
  }

  public long encode(MemorySegment into, long at) {
    Wire.put32(into, at, argszBytes);
    Wire.put32(into, at + 4, flags);
    Wire.put32(into, at + 8, index);
    Wire.put32(into, at + 12, 0);
    Wire.put64(into, at + 16, sizeBytes);
    Wire.put64(into, at + 24, 0);
    return BYTES;
  }
}
