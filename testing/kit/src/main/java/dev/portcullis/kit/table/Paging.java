package dev.portcullis.kit.table;

/// Positions in a second-stage paging entry, and address arithmetic.
///
/// @vtd 9.8 Second-Stage Paging Entries
public final class Paging {
  public static final long R = 1;
  public static final long W = 2;
  public static final long RW = R | W;

  /// Page size: this entry of level 2 or 3 maps a large page.
  public static final long PS = 1 << 7;

  /// Snoop, of a leaf.
  public static final long SNP = 1 << 11;

  /// Once transient mapping, reserved since.
  public static final long BIT_62 = 1L << 62;

  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

  private Paging() {}

  /// How far to shift an address right for the index at `level`, 1 to 5.
  public static int shift(int level) {
    return 12 + 9 * (level - 1);
  }

  /// Which of the 512 entries at `level` an address uses.
  public static int index(long iova, int level) {
    return (int) (iova >>> shift(level)) & 511;
  }

  /// Bytes that one entry of `level` maps.
  public static long span(int level) {
    return 1L << shift(level);
  }

  /// The address field of an entry, in place.
  public static long address(long entry) {
    return entry & ADDRESS;
  }
}
