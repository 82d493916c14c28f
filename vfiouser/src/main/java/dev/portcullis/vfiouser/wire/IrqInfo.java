package dev.portcullis.vfiouser.wire;

import java.lang.foreign.MemorySegment;

/// A type of interrupt: argsz, flags, index, how many there are of it, 32 bits each.
///
/// @param flags [0] by event, [1] can be masked, [2] masks itself when it fires, [3] all at once
/// @vfiouser 7 VFIO_USER_DEVICE_GET_IRQ_INFO
public record IrqInfo(long argszBytes, int flags, long index, int count) {
  public static final int BYTES = 16;
  public static final int EVENT = 1;
  public static final int MASKABLE = 1 << 1;
  public static final int AUTOMASKED = 1 << 2;
  public static final int NO_RESIZE = 1 << 3;

  public static IrqInfo decode(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    Wire.expect(lengthBytes, BYTES);
    long argszBytes = Wire.u32(from, at);
    Wire.expectRoom(argszBytes, BYTES);
    return new IrqInfo(
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
