package dev.portcullis.unit.cache;

import dev.portcullis.unit.policy.CacheSizes;

/// Translations of pages, by domain and address: one cache for each page size.
///
/// Devices of one domain share its entries; which domain a device is in says the [ContextCache].
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

  /// The translation of the 4-KiB page of `iova` (below 2^57) in `domain`, or [#MISS].
  public long lookup(int domain, long iova) {
    long translation = small.lookup(domain, iova >>> 12);
    return translation != MISS ? translation : lookupLarge(domain, iova);
  }

  private long lookupLarge(int domain, long iova) {
    for (int level = 2; level <= byLevel.length; level++) {
      SetAssociativeCache cache = byLevel[level - 1];
      if (cache.isUsed()) {
        int shift = shift(level);
        long translation = cache.lookup(domain, iova >>> shift);
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
  public void fill(int domain, long iova, int level, long translation, long walkedInEpoch) {
    long offsets = (1L << shift(level)) - 1 & ~PAGE_4_KIB_OFFSETS;
    byLevel[level - 1].fill(domain, iova >>> shift(level), translation & ~offsets, walkedInEpoch);
  }

  void removeAll() {
    for (SetAssociativeCache cache : byLevel) {
      cache.removeAll();
    }
  }

  void removeDomain(int domain) {
    for (SetAssociativeCache cache : byLevel) {
      cache.removeDomain(domain);
    }
  }

  /// Forgets 2^`pageLog2` 4-KiB pages around `address`, and large pages that overlap them.
  void removePages(int domain, long address, int pageLog2) {
    for (int level = 1; level <= byLevel.length; level++) {
      byLevel[level - 1].removePages(
          domain, address >>> shift(level), Math.max(0, pageLog2 - 9 * (level - 1)));
    }
  }

  private static int shift(int level) {
    return 12 + 9 * (level - 1);
  }
}
