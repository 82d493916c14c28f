package dev.portcullis.unit.translate;

import dev.portcullis.unit.cache.Translation;

/// Addresses FEE00000h to FEEFFFFFh: writes there are interrupts, and nothing is translated to
/// there.
///
/// @vtd 3.14 Handling Requests to Interrupt Address Range
final class InterruptRange {
  private static final int SHIFT = 20;
  private static final long PREFIX = 0xfee;

  private InterruptRange() {}

  static boolean contains(long address) {
    return address >>> SHIFT == PREFIX;
  }

  /// Whether the page of 2^`pageLog2` bytes at `page` and the range overlap.
  static boolean overlaps(long page, int pageLog2) {
    int shift = Math.max(SHIFT, pageLog2);
    return page >>> shift == PREFIX << SHIFT >>> shift;
  }

  /// The level to remember a page of `leafLevel` at: 1 if the large page around `iova`, or the one
  /// it is translated to, contains the range, so that its other pages are looked at again.
  static int shares(long iova, long translation, int leafLevel) {
    if (leafLevel == 1) {
      return 1;
    }
    int shift = 12 + 9 * (leafLevel - 1);
    long range = PREFIX << SHIFT >>> shift;
    boolean shared = iova >>> shift == range || Translation.page(translation) >>> shift == range;
    return shared ? 1 : leafLevel;
  }
}
