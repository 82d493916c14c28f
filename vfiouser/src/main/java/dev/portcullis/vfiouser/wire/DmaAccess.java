package dev.portcullis.vfiouser.wire;

import dev.portcullis.linux.Errno;
import java.lang.foreign.MemorySegment;

/// The device reads or writes memory by message: address and count of bytes, 64 bits each; the data
/// follow where there are any.
///
/// @param count 1 to [Wire#MAX_TRANSFER_BYTES]
/// @vfiouser 11 VFIO_USER_DMA_READ
/// @vfiouser 12 VFIO_USER_DMA_WRITE
public record DmaAccess(long address, long count) {
  /// Bytes without the data.
  public static final int BYTES = 16;

  public static DmaAccess decodeWithoutData(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    Wire.expect(lengthBytes, BYTES);
    return decode(from, at);
  }

  public static DmaAccess decodeWithData(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    if (lengthBytes < BYTES) {
      Wire.expect(lengthBytes, BYTES);
    }
    DmaAccess access = decode(from, at);
    Wire.expect(lengthBytes, BYTES + access.count);
    return access;
  }

  private static DmaAccess decode(MemorySegment from, long at) throws ProtocolException {
    DmaAccess access = new DmaAccess(Wire.i64(from, at), Wire.i64(from, at + 8));
    if (access.count <= 0 || access.count > Wire.MAX_TRANSFER_BYTES) {
      throw ProtocolException.refused(
          Errno.EINVAL, "transfer of " + Long.toUnsignedString(access.count) + " bytes");
    }
    return access;
  }

  /// Writes all but the data.
  public long encode(MemorySegment into, long at) {
    Wire.put64(into, at, address);
    Wire.put64(into, at + 8, count);
    return BYTES;
  }
}
