package dev.portcullis.memory;

import java.lang.foreign.MemorySegment;

/// A run of physical memory without holes: `sizeBytes` bytes from physical address `base` on.
///
/// Every access returns whether it was carried out. `false` stands for what a bus calls an abort:
/// the region is gone, read-only, or shorter than it claimed. Offsets count from the start of the
/// region; the caller keeps them inside it (see [MemoryMap], which does).
public abstract sealed class MemoryRegion permits MappedRegion, RemoteRegion {
  private final long base;
  private final long sizeBytes;
  private final Access access;

  /// What a bus master may do to a region.
  public enum Access {
    READ_ONLY,
    READ_WRITE
  }

  MemoryRegion(long base, long sizeBytes, Access access) {
    if (sizeBytes <= 0 || base < 0 || base + sizeBytes < 0) {
      throw new IllegalArgumentException(
          "bad region: base %#x, %d bytes".formatted(base, sizeBytes));
    }
    this.base = base;
    this.sizeBytes = sizeBytes;
    this.access = access;
  }

  /// First physical address of the region; below 2^63.
  public final long base() {
    return base;
  }

  /// Length in bytes, at least 1.
  public final long sizeBytes() {
    return sizeBytes;
  }

  public final Access access() {
    return access;
  }

  final boolean contains(long hpa, long lengthBytes) {
    long offset = hpa - base;
    return offset >= 0 && lengthBytes <= sizeBytes - offset;
  }

  final boolean isWritable() {
    return access == Access.READ_WRITE;
  }

  /// Copies `lengthBytes` bytes at `offset` to `to`.
  abstract boolean read(long offset, MemorySegment to, long toOffset, long lengthBytes);

  /// Copies `lengthBytes` bytes of `from` to `offset`.
  abstract boolean write(long offset, MemorySegment from, long fromOffset, long lengthBytes);

  /// Reads the 64-bit word at `offset`, a multiple of 8, in one access with acquire ordering.
  abstract boolean fetch64(long offset, Fetched into);

  /// Reads the 128-bit word at `offset`, a multiple of 16, such that no half of a single 128-bit
  /// store, or of a high-then-low pair of 64-bit stores, is seen without the other.
  abstract boolean fetch128(long offset, Fetched into);

  /// Writes the 32-bit word at `offset`, a multiple of 4, in one access with release ordering.
  abstract boolean store32(long offset, int value);

  /// Writes the 64-bit word at `offset`, a multiple of 8, in one access with release ordering.
  abstract boolean store64(long offset, long value);

  /// Replaces the 64-bit word at `offset`, a multiple of 8, if it equals `expected`, atomically.
  abstract Exchange compareAndSet64(long offset, long expected, long value);

  /// Sets `bits` in the 64-bit word at `offset`, a multiple of 8, atomically.
  abstract boolean or64(long offset, long bits);
}
