package dev.portcullis.vfiouser.wire;

import dev.portcullis.linux.Errno;
import java.lang.foreign.MemorySegment;

/// Several small writes at once: how many, 64 bits; then each as a [RegionAccess] followed by eight
/// bytes of room for its data.
///
/// @param count how many writes
/// @vfiouser 15 VFIO_USER_REGION_WRITE_MULTI
public record WriteMulti(long count) {
  /// Bytes before the first write.
  public static final int BYTES = 8;

  /// Bytes of each write.
  public static final int WRITE_BYTES = RegionAccess.BYTES + Long.BYTES;

  public static WriteMulti decode(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    if (lengthBytes < BYTES) {
      Wire.expect(lengthBytes, BYTES);
    }
    long count = Wire.i64(from, at);
    if (count < 0 || count > Wire.MAX_MESSAGE_BYTES / WRITE_BYTES) {
      throw ProtocolException.refused(
          Errno.EINVAL, Long.toUnsignedString(count) + " writes in one message");
    }
    Wire.expect(lengthBytes, BYTES + count * WRITE_BYTES);
    return new WriteMulti(count);
  }

  public long encode(MemorySegment into, long at) {
    Wire.put64(into, at, count);
    return BYTES;
  }
}
