package dev.portcullis.vfiouser.wire;

import dev.portcullis.linux.Errno;
import java.lang.foreign.MemorySegment;

/// Memory the device may reach: argsz and flags, 32 bits each; offset in the file, address, size,
/// 64 bits each.
///
/// @param flags [0] readable, [1] writable, [2] to be mapped, [3] to be read and written as a file
/// @param offset in the descriptor that comes along, if one does
/// @param address where the device finds it
/// @vfiouser 2 VFIO_USER_DMA_MAP
public record DmaMap(int flags, long offset, long address, long sizeBytes) {
  public static final int BYTES = 32;
  public static final int READ = 1;
  public static final int WRITE = 1 << 1;
  public static final int MMAP = 1 << 2;

  private static final int KNOWN = READ | WRITE | MMAP;
  private static final long PAGE_BYTES = 4096;

  public static DmaMap decode(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    Wire.expect(lengthBytes, BYTES);
    Wire.expectRoom(Wire.u32(from, at), BYTES);
    DmaMap map =
        new DmaMap(
            Wire.i32(from, at + 4),
            Wire.i64(from, at + 8),
            Wire.i64(from, at + 16),
            Wire.i64(from, at + 24));
    map.check();
    return map;
  }

  private void check() throws ProtocolException {
    // Deviation: memory that may be written but not read is refused.
    if ((flags & ~KNOWN) != 0 || (flags & READ) == 0) {
      throw ProtocolException.refused(Errno.EINVAL, "map flags %#x".formatted(flags));
    }
    checkRange(address, sizeBytes);
    if (offset < 0 || offset % PAGE_BYTES != 0 || offset + sizeBytes < 0) {
      throw ProtocolException.refused(Errno.EINVAL, "map from offset %#x".formatted(offset));
    }
  }

  /// Holds a range to whole pages below 2^63.
  static void checkRange(long address, long sizeBytes) throws ProtocolException {
    if (sizeBytes <= 0
        || address < 0
        || address + sizeBytes < 0
        || (address | sizeBytes) % PAGE_BYTES != 0) {
      throw ProtocolException.refused(
          Errno.EINVAL, "range of %#x bytes at %#x".formatted(sizeBytes, address));
    }
  }

  public boolean isWritable() {
    return (flags & WRITE) != 0;
  }

  public boolean asksForMapping() {
    return (flags & MMAP) != 0;
  }

  public long encode(MemorySegment into, long at) {
    Wire.put32(into, at, BYTES);
    Wire.put32(into, at + 4, flags);
    Wire.put64(into, at + 8, offset);
    Wire.put64(into, at + 16, address);
    Wire.put64(into, at + 24, sizeBytes);
    return BYTES;
  }
}
