package dev.portcullis.vmm.memory;

/// Whole pages of physical memory, host or guest: at least one.
///
/// @param first address of the first byte, a multiple of 4096
/// @param bytes length, a multiple of 4096
public record PageRange(long first, long bytes) {
  /// Length of a page.
  public static final long PAGE_BYTES = 4096;

  public PageRange {
    if (((first | bytes) & PAGE_BYTES - 1) != 0 || first < 0 || bytes <= 0) {
      throw new IllegalArgumentException("no pages: %#x bytes at %#x".formatted(bytes, first));
    }
    Math.addExact(first, bytes);
  }

  /// Address of the first byte behind it.
  public long end() {
    return first + bytes;
  }

  /// Whether `other` has a page of it.
  public boolean overlaps(PageRange other) {
    return first < other.end() && other.first < end();
  }

  /// Whether every page of `other` is in it.
  public boolean covers(PageRange other) {
    return first <= other.first && other.end() <= end();
  }

  @Override
  public String toString() {
    return "%x-%x".formatted(first, end() - 1);
  }
}
