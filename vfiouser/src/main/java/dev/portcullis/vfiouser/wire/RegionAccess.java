package dev.portcullis.vfiouser.wire;

import dev.portcullis.linux.Errno;
import java.lang.foreign.MemorySegment;

/// A read or write of a region: offset, 64 bits; region and count of bytes, 32 bits each; the data
/// follow where there are any.
///
/// @param offset in the region, in bytes
/// @param count in bytes, 1 to [Wire#MAX_TRANSFER_BYTES]
/// @vfiouser 9 VFIO_USER_REGION_READ
/// @vfiouser 10 VFIO_USER_REGION_WRITE
public record RegionAccess(long offset, long region, long count) {
  /// Bytes without the data.
  public static final int BYTES = 16;

  public static RegionAccess decodeRead(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    Wire.expect(lengthBytes, BYTES);
    return decode(from, at);
  }

  public static RegionAccess decodeWrite(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    if (lengthBytes < BYTES) {
      Wire.expect(lengthBytes, BYTES);
    }
    RegionAccess access = decode(from, at);
    Wire.expect(lengthBytes, BYTES + access.count);
    return access;
  }

  private static RegionAccess decode(MemorySegment from, long at) throws ProtocolException {
    RegionAccess access =
        new RegionAccess(Wire.i64(from, at), Wire.u32(from, at + 8), Wire.u32(from, at + 12));
    if (access.count == 0 || access.count > Wire.MAX_TRANSFER_BYTES) {
      throw ProtocolException.refused(Errno.EINVAL, "access of " + access.count + " bytes");
    }
    return access;
  }

  /// Writes all but the data.
  public long encode(MemorySegment into, long at) {
    Wire.put64(into, at, offset);
    Wire.put32(into, at + 8, region);
    Wire.put32(into, at + 12, count);
    return BYTES;
  }
}
