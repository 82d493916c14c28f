package dev.portcullis.spec.descriptor;

/// How a range of pages is coded for a device: its size by the lowest zero bit of the address.
///
/// @pcie 10.3.1 Invalidate Request
final class DeviceRange {
  /// The size is coded in the address, where it stands in an invalidate request.
  static final long S = 1 << 11;

  /// Log2 of the number of 4-KiB pages there are.
  static final int EVERYTHING = 52;

  private static final long PAGES = -1L << 12;

  private DeviceRange() {}

  /// Bits 63 to 12 for 2^`pageLog2` 4-KiB pages around `address`.
  static long address(long address, int pageLog2) {
    if (pageLog2 == 0) {
      return address & PAGES;
    }
    if (pageLog2 >= EVERYTHING) {
      return Long.MAX_VALUE & PAGES;
    }
    long sizeLog2 = pageLog2 + 12L;
    return address & -1L << sizeLog2 | (1L << sizeLog2 - 1) - 1 & PAGES;
  }
}
