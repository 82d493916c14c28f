package dev.portcullis.vfiouser.wire;

import java.lang.foreign.MemorySegment;

/// What kind of device it is: argsz, flags, number of regions, number of interrupt types, 32 bits
/// each.
///
/// @param argszBytes in a request the room for the answer, in an answer its length
/// @param flags [0] can be reset, [1] is a PCI function
/// @vfiouser 4 VFIO_USER_DEVICE_GET_INFO
public record DeviceInfo(long argszBytes, int flags, int regions, int interruptTypes) {
  public static final int BYTES = 16;
  public static final int RESET = 1;
  public static final int PCI = 1 << 1;

  public static DeviceInfo decode(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    Wire.expect(lengthBytes, BYTES);
    long argszBytes = Wire.u32(from, at);
    Wire.expectRoom(argszBytes, BYTES);
    return new DeviceInfo(
        argszBytes, Wire.i32(from, at + 4), Wire.i32(from, at + 8), Wire.i32(from, at + 12));
  }

  public long encode(MemorySegment into, long at) {
    Wire.put32(into, at, argszBytes);
    Wire.put32(into, at + 4, flags);
    Wire.put32(into, at + 8, regions);
    Wire.put32(into, at + 12, interruptTypes);
    return BYTES;
  }
}
