package dev.portcullis.unit.policy;

/// How many entries each cache of a unit has: powers of two.
///
/// @param iotlb4KiB translations of 4-KiB pages, 4 to 2^22
/// @param iotlb2MiB translations of 2-MiB pages, 4 to 2^22
/// @param iotlb1GiB translations of 1-GiB pages, 4 to 2^22
/// @param context context entries, 1 to 65536
/// @param pagingStructure paging-structure entries of each level, 4 to 2^22
/// @vtd 6.2 Caching Translation Information
public record CacheSizes(
    int iotlb4KiB, int iotlb2MiB, int iotlb1GiB, int context, int pagingStructure) {

  /// Enough for a handful of busy devices.
  public static final CacheSizes DEFAULT = new CacheSizes(4096, 1024, 64, 4096, 512);

  /// So much that hardly anything is ever displaced: what is cached stays until it is invalidated.
  public static final CacheSizes LARGE =
      new CacheSizes(1 << 16, 1 << 14, 1 << 10, 1 << 16, 1 << 14);

  public CacheSizes {
    check("iotlb4KiB", iotlb4KiB, 4, 1 << 22);
    check("iotlb2MiB", iotlb2MiB, 4, 1 << 22);
    check("iotlb1GiB", iotlb1GiB, 4, 1 << 22);
    check("context", context, 1, 1 << 16);
    check("pagingStructure", pagingStructure, 4, 1 << 22);
  }

  private static void check(String name, int entries, int least, int most) {
    if (entries < least || entries > most || Integer.bitCount(entries) != 1) {
      throw new IllegalArgumentException(
          "%s: %d entries (a power of two, %d to %d)".formatted(name, entries, least, most));
    }
  }
}
