package dev.portcullis.machine.description;

/// Memory that a device goes on using for the firmware, whatever software does: it stays mapped for
/// it, one to one.
///
/// @param first physical address, a multiple of 4 KiB
/// @param bytes length, a multiple of 4 KiB
/// @vtd 8.4 Reserved Memory Region Reporting Structure
public record ReservedMemory(long first, long bytes) {
  private static final long PAGE_BYTES = 4096;

  public ReservedMemory {
    if (first < 0 || bytes < PAGE_BYTES || ((first | bytes) & PAGE_BYTES - 1) != 0) {
      throw new IllegalArgumentException("reserved memory consists of whole pages of 4 KiB");
    }
  }

  /// Address behind it.
  public long end() {
    return first + bytes;
  }

  /// Whether some address is in both.
  public boolean overlaps(ReservedMemory other) {
    return first < other.end() && other.first < end();
  }

  @Override
  public String toString() {
    return "%#x-%#x".formatted(first, end() - 1);
  }
}
