package dev.portcullis.unit.cache;

import java.util.BitSet;

/// Paging entries that point to tables, by space and address: a walk starts at the lowest one it
/// finds.
///
/// An entry of level `n` holds the table of level `n - 1` and the rights that all levels down to
/// `n` grant.
///
/// @vtd 6.2.6 Caches for Paging Structures
public final class PagingStructureCache {
  private static final int LOWEST = 2;
  private static final int HIGHEST = 5;

  private final SetAssociativeCache[] byLevel = new SetAssociativeCache[HIGHEST + 1];

  PagingStructureCache(int entries, Epoch epoch) {
    for (int level = LOWEST; level <= HIGHEST; level++) {
      byLevel[level] = new SetAssociativeCache(entries, epoch);
    }
  }

  /// The table that the entry of `level` (2 to 5) for `iova` points to, and the rights so far; or
  /// 0.
  public long lookup(int space, long iova, int level) {
    return byLevel[level].lookup(space, iova >>> shift(level));
  }

  /// Remembers where the entry of `level` for `iova` points.
  ///
  /// @param walkedInEpoch the epoch before the walk that found it
  public void fill(int space, long iova, int level, long table, long walkedInEpoch) {
    byLevel[level].fill(space, iova >>> shift(level), table, walkedInEpoch);
  }

  void removeAll() {
    for (int level = LOWEST; level <= HIGHEST; level++) {
      byLevel[level].removeAll();
    }
  }

  void removeSpaces(BitSet spaces) {
    for (int level = LOWEST; level <= HIGHEST; level++) {
      byLevel[level].removeSpaces(spaces);
    }
  }

  void removeSpace(int space) {
    for (int level = LOWEST; level <= HIGHEST; level++) {
      byLevel[level].removeSpace(space);
    }
  }

  /// Forgets the entries for 2^`pageLog2` 4-KiB pages around `address`.
  void removePages(int space, long address, int pageLog2) {
    for (int level = LOWEST; level <= HIGHEST; level++) {
      byLevel[level].removePages(
          space, address >>> shift(level), Math.max(0, pageLog2 - 9 * (level - 1)));
    }
  }

  private static int shift(int level) {
    return 12 + 9 * (level - 1);
  }
}
