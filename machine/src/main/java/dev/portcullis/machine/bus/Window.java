package dev.portcullis.machine.bus;

/// A range of physical addresses that is no memory: registers answer there.
///
/// @param base first address
/// @param sizeBytes length, a multiple of 4 KiB
/// @param target who answers
public record Window(long base, long sizeBytes, Target target) {

  /// Who answers in a window. Offsets count from its base, widths are 1, 2, 4 or 8, and an access
  /// lies inside.
  public interface Target {
    long read(long offset, int widthBytes);

    void write(long offset, int widthBytes, long value);
  }

  /// Whether all of `lengthBytes` bytes at `address` are in it.
  public boolean contains(long address, long lengthBytes) {
    long offset = address - base;
    return offset >= 0 && offset < sizeBytes && lengthBytes <= sizeBytes - offset;
  }

  boolean touches(long address, long lengthBytes) {
    return address - base < sizeBytes && base - address < lengthBytes;
  }
}
