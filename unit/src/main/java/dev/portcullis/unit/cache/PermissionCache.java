package dev.portcullis.unit.cache;

/// Host permissions of 4-KiB pages, by the domain of their tables and host physical address.
///
/// @vtd 6.2 Caching Translation Information
public final class PermissionCache {
  /// What [#lookup] answers when it does not know.
  public static final long MISS = SetAssociativeCache.MISS;

  private final SetAssociativeCache pages;

  PermissionCache(int entries, Epoch epoch) {
    this.pages = new SetAssociativeCache(entries, epoch);
  }

  /// The rights on the page of `hpa`, as a [Translation]; or [#MISS].
  public long lookup(int permissionDomain, long hpa) {
    return pages.lookup(permissionDomain, hpa >>> 12);
  }

  /// Remembers the rights on the page of `hpa`.
  ///
  /// @param walkedInEpoch the epoch before the walk that found them
  public void fill(int permissionDomain, long hpa, long rights, long walkedInEpoch) {
    pages.fill(permissionDomain, hpa >>> 12, rights, walkedInEpoch);
  }

  void removeAll() {
    pages.removeAll();
  }

  void removeDomain(int permissionDomain) {
    pages.removeSpace(permissionDomain);
  }

  void removePages(int permissionDomain, long hpa, int pageLog2) {
    pages.removePages(permissionDomain, hpa >>> 12, pageLog2);
  }
}
