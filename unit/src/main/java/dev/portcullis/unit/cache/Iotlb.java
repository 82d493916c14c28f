package dev.portcullis.unit.cache;

import dev.portcullis.unit.policy.CacheSizes;
import java.util.BitSet;

/// Translations of pages, by space and address: one cache for each page size.
///
/// Devices of one space share its entries; which space a request is in say the [ContextCache] and
/// the [PasidCache]. Addresses have at most 57 bits here: of a canonical one, those are enough.
///
/// @vtd 6.2.5 IOTLB
public final class Iotlb {
  /// What [#lookup] answers when it does not know.
  public static final long MISS = SetAssociativeCache.MISS;

  private static final long PAGE_4_KIB_OFFSETS = 0xfff;

  private final SetAssociativeCache[] byLevel;
  private final SetAssociativeCache small;

  Iotlb(CacheSizes sizes, Epoch epoch) {
    this.byLevel =
        new SetAssociativeCache[] {
          new SetAssociativeCache(sizes.iotlb4KiB(), epoch),
          new SetAssociativeCache(sizes.iotlb2MiB(), epoch),
          new SetAssociativeCache(sizes.iotlb1GiB(), epoch)
        };
    this.small = byLevel[0];
  }

  /// The translation of the 4-KiB page of `iova` (below 2^57) in `space`, or [#MISS].
  public long lookup(int space, long iova) {
    long translation = small.lookup(space, iova >>> 12);
    return translation != MISS ? translation : lookupLarge(space, iova);
  }

  private long lookupLarge(int space, long iova) {
    for (int level = 2; level <= byLevel.length; level++) {
      SetAssociativeCache cache = byLevel[level - 1];
      if (cache.isUsed()) {
        int shift = shift(level);
        long translation = cache.lookup(space, iova >>> shift);
        if (translation != MISS) {
          return translation | iova & (1L << shift) - 1 & ~PAGE_4_KIB_OFFSETS;
        }
      }
    }
    return MISS;
  }

  /// Remembers the translation of the page of `level` (1, 2 or 3) around `iova`.
  ///
  /// @param walkedInEpoch the epoch before the walk that found it
  public void fill(int space, long iova, int level, long translation, long walkedInEpoch) {
    long offsets = (1L << shift(level)) - 1 & ~PAGE_4_KIB_OFFSETS;
    byLevel[level - 1].fill(space, iova >>> shift(level), translation & ~offsets, walkedInEpoch);
  }

  void removeAll() {
    for (SetAssociativeCache cache : byLevel) {
      cache.removeAll();
    }
  }

  void removeSpaces(BitSet spaces) {
    for (SetAssociativeCache cache : byLevel) {
      cache.removeSpaces(spaces);
    }
  }

  void removeSpace(int space) {
    for (SetAssociativeCache cache : byLevel) {
      cache.removeSpace(space);
    }
  }

  /// Forgets 2^`pageLog2` 4-KiB pages around `address`, and large pages that overlap them.
  void removePages(int space, long address, int pageLog2) {
    for (int level = 1; level <= byLevel.length; level++) {
      byLevel[level - 1].removePages(
          space, address >>> shift(level), Math.max(0, pageLog2 - 9 * (level - 1)));
    }
  }

  private static int shift(int level) {
    return 12 + 9 * (level - 1);
  }
}
