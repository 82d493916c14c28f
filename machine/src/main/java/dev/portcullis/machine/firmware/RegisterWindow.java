package dev.portcullis.machine.firmware;

/// Where a unit's registers are.
///
/// @param base physical address, a multiple of the size
/// @param sizeBytes a power of two, at least 4 KiB
public record RegisterWindow(long base, long sizeBytes) {
  public RegisterWindow {
    if (Long.bitCount(sizeBytes) != 1 || sizeBytes < 4096 || (base & sizeBytes - 1) != 0) {
      throw new IllegalArgumentException(
          "%#x bytes of registers at %#x".formatted(sizeBytes, base));
    }
  }
}
