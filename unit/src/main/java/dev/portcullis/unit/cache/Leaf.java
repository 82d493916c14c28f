package dev.portcullis.unit.cache;

/// What the entries that mapped a page say beside its address, in 12 bits.
///
/// ```
///   11 10   9    8   7     5   4   3       2     0
///  +-----+-----+---+---------+----+-------+-------+
///  |  0  |level|SNP|   PAT   |IPAT|   0   |  EMT  |
///  +-----+-----+---+---------+----+-------+-------+
/// ```
///
/// PAT is the page attribute index of the first stage, the rest but the level comes from the second
/// stage.
///
/// @vtd 9.7 First-Stage Paging Entries
/// @vtd 9.8 Second-Stage Paging Entries
public final class Leaf {
  private static final int IPAT_SHIFT = 4;
  private static final int PAT_SHIFT = 5;
  private static final int SNP_SHIFT = 8;
  private static final int LEVEL_SHIFT = 9;

  private Leaf() {}

  /// What a second-stage entry says: EMT, IPAT and SNP.
  public static long secondStage(long entry) {
    return entry >>> 3 & 7 | (entry >>> 6 & 1) << IPAT_SHIFT | (entry >>> 11 & 1) << SNP_SHIFT;
  }

  /// What a first-stage entry of `level` says: PAT.
  public static long firstStage(long entry, int level) {
    long high = entry >>> (level == 1 ? 7 : 12) & 1;
    return (high << 2 | entry >>> 3 & 3) << PAT_SHIFT;
  }

  /// What counts of a page under two stages.
  public static long nested(long first, long second) {
    long pat = first & 7 << PAT_SHIFT;
    long others = second & (7 | 1 << IPAT_SHIFT | 1 << SNP_SHIFT);
    return pat | others | level(Math.min(levelOf(first), levelOf(second)));
  }

  /// The level of the page: 1, 2 or 3.
  public static long level(int level) {
    return (long) (level - 1) << LEVEL_SHIFT;
  }

  /// Memory type in the second-stage entry.
  public static int memoryType(long leaf) {
    return (int) leaf & 7;
  }

  /// Whether the second-stage memory type overrides the page attributes.
  public static boolean ignoresPat(long leaf) {
    return (leaf >>> IPAT_SHIFT & 1) != 0;
  }

  /// Page attribute index, 0 to 7, of the first-stage entry.
  public static int pageAttributeIndex(long leaf) {
    return (int) (leaf >>> PAT_SHIFT) & 7;
  }

  /// Whether the second-stage entry wants accesses snooped.
  public static boolean isSnooped(long leaf) {
    return (leaf >>> SNP_SHIFT & 1) != 0;
  }

  /// Level of the page: 1, 2 or 3; of a page under two stages the smaller one.
  public static int levelOf(long leaf) {
    return (int) (leaf >>> LEVEL_SHIFT & 3) + 1;
  }
}
