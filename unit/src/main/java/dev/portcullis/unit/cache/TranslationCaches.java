package dev.portcullis.unit.cache;

import dev.portcullis.unit.observe.InvalidationKind;
import dev.portcullis.unit.policy.CacheSizes;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/// All that a unit remembers of the tables, and what each kind of invalidation makes it forget.
///
/// An invalidation has taken effect when its method returns: requests translated from then on do
/// not see what it removed. Requests translated before may still be on their way to memory.
///
/// @vtd 6.2 Caching Translation Information
/// @vtd 6.5 Invalidation of Translation Caches
public final class TranslationCaches {
  /// Bits of an address that tell pages apart where a first stage translates: it is canonical.
  private static final long CANONICAL = (1L << 57) - 1;

  private final Epoch epoch = new Epoch();
  private final Spaces spaces = new Spaces();
  private final Iotlb iotlb;
  private final PagingStructureCache structures;
  private final ContextCache contexts;
  private final PasidCache pasids;
  private final PermissionCache permissions;
  private final long guestAddresses;
  private final AtomicLongArray invalidations =
      new AtomicLongArray(InvalidationKind.values().length);

  /// Empty caches.
  ///
  /// @param guestAddressBits bits of an address that invalidations look at
  public TranslationCaches(CacheSizes sizes, int guestAddressBits) {
    this.iotlb = new Iotlb(sizes, epoch);
    this.structures = new PagingStructureCache(sizes.pagingStructure(), epoch);
    this.contexts = new ContextCache(sizes.context(), epoch);
    this.pasids = new PasidCache(sizes.context(), epoch);
    this.permissions = new PermissionCache(sizes.iotlb4KiB(), epoch);
    this.guestAddresses = guestAddressBits >= 64 ? -1L : (1L << guestAddressBits) - 1;
  }

  public Epoch epoch() {
    return epoch;
  }

  public Iotlb iotlb() {
    return iotlb;
  }

  public PagingStructureCache structures() {
    return structures;
  }

  public ContextCache contexts() {
    return contexts;
  }

  public PasidCache pasids() {
    return pasids;
  }

  public PermissionCache permissions() {
    return permissions;
  }

  /// The number that tells the first-stage tables of `pasid` in `domain` from others; negative if
  /// their translations are not cached.
  public int spaceOf(int domain, int pasid) {
    return spaces.of(domain, pasid);
  }

  /// Forgets every context entry.
  public void invalidateContexts() {
    begin(InvalidationKind.CONTEXT_GLOBAL);
    contexts.removeAll();
  }

  /// Forgets the context entries of a domain.
  public void invalidateContextsOf(int domain) {
    begin(InvalidationKind.CONTEXT_DOMAIN);
    contexts.removeDomain(domain);
  }

  /// Forgets the context entry of a device in a domain.
  ///
  /// @param functionMask 0 to 3: ignores no bit of the source-id, bit 2, bits 2:1, bits 2:0
  public void invalidateContextOf(int domain, int sourceId, int functionMask) {
    begin(InvalidationKind.CONTEXT_DEVICE);
    contexts.removeDevice(domain, sourceId, ignoredBits(functionMask));
  }

  private static int ignoredBits(int functionMask) {
    return switch (functionMask & 3) {
      case 0 -> 0;
      case 1 -> 0b100;
      case 2 -> 0b110;
      default -> 0b111;
    };
  }

  /// Forgets every translation.
  public void invalidateTranslations() {
    begin(InvalidationKind.IOTLB_GLOBAL);
    iotlb.removeAll();
    structures.removeAll();
  }

  /// Forgets the context entry of a device, whatever the domain: those of scalable mode have none.
  ///
  /// @param functionMask as for [#invalidateContextOf]
  public void invalidateScalableContextOf(int sourceId, int functionMask) {
    begin(InvalidationKind.CONTEXT_DEVICE);
    contexts.removeDevice(sourceId, ignoredBits(functionMask));
  }

  /// Forgets the translations of a domain.
  public void invalidateTranslationsOf(int domain) {
    begin(InvalidationKind.IOTLB_DOMAIN);
    removeFirstStagesOf(domain);
    iotlb.removeSpace(domain);
    structures.removeSpace(domain);
  }

  private void removeFirstStagesOf(int domain) {
    BitSet firstStages = spaces.firstStagesOf(domain);
    iotlb.removeSpaces(firstStages);
    structures.removeSpaces(firstStages);
  }

  /// Forgets the translations of 2^`pageLog2` 4-KiB pages of a domain around `address`, and every
  /// first stage in it: what pages of the second stage it used is not known.
  public void invalidatePages(int domain, long address, int pageLog2) {
    begin(InvalidationKind.IOTLB_PAGES);
    removeFirstStagesOf(domain);
    iotlb.removePages(domain, address & guestAddresses, pageLog2);
    structures.removePages(domain, address & guestAddresses, pageLog2);
  }

  /// The same where only entries that map pages changed: pointers to second-stage tables stay.
  public void invalidateLeafPages(int domain, long address, int pageLog2) {
    begin(InvalidationKind.IOTLB_PAGES);
    removeFirstStagesOf(domain);
    iotlb.removePages(domain, address & guestAddresses, pageLog2);
  }

  /// Forgets every PASID entry.
  public void invalidatePasids() {
    begin(InvalidationKind.PASID_GLOBAL);
    pasids.removeAll();
  }

  /// Forgets the PASID entries of a domain.
  public void invalidatePasidsOf(int domain) {
    begin(InvalidationKind.PASID_DOMAIN);
    pasids.removeDomain(domain);
  }

  /// Forgets the entries of one PASID in a domain.
  public void invalidatePasid(int domain, int pasid) {
    begin(InvalidationKind.PASID_SELECTIVE);
    pasids.remove(domain, pasid);
  }

  /// Forgets the translations of one PASID in a domain. Second-stage tables alone are shared by all
  /// PASIDs of a domain: their translations go, too, but not the pointers to tables.
  public void invalidatePasidTranslations(int domain, int pasid) {
    begin(InvalidationKind.PASID_IOTLB);
    iotlb.removeSpace(domain);
    int space = spaces.find(domain, pasid);
    if (space >= 0) {
      iotlb.removeSpace(space);
      structures.removeSpace(space);
    }
  }

  /// Forgets the translations of 2^`pageLog2` 4-KiB pages of the first stage of one PASID in a
  /// domain around `address`.
  public void invalidatePasidPages(int domain, int pasid, long address, int pageLog2) {
    begin(InvalidationKind.PASID_IOTLB_PAGES);
    int space = spaces.find(domain, pasid);
    if (space >= 0) {
      iotlb.removePages(space, address & CANONICAL, pageLog2);
      structures.removePages(space, address & CANONICAL, pageLog2);
    }
  }

  /// The same where only entries that map pages changed: pointers to tables stay.
  public void invalidatePasidLeafPages(int domain, int pasid, long address, int pageLog2) {
    begin(InvalidationKind.PASID_IOTLB_PAGES);
    int space = spaces.find(domain, pasid);
    if (space >= 0) {
      iotlb.removePages(space, address & CANONICAL, pageLog2);
    }
  }

  /// Forgets every host permission.
  public void invalidatePermissions() {
    begin(InvalidationKind.PERMISSION_GLOBAL);
    permissions.removeAll();
  }

  /// Forgets the host permissions of a domain of permission tables.
  ///
  /// @param levels 1 to 4: entries up to that level
  public void invalidatePermissionsOf(int permissionDomain, int levels) {
    begin(InvalidationKind.PERMISSION_DOMAIN);
    permissions.removeDomain(permissionDomain);
  }

  /// Forgets the host permissions of 2^`pageLog2` 4-KiB pages around host physical `address`.
  ///
  /// @param levels 1 to 4: entries up to that level
  public void invalidatePermissionPages(
      int permissionDomain, long address, int pageLog2, int levels) {
    begin(InvalidationKind.PERMISSION_PAGES);
    permissions.removePages(permissionDomain, address, pageLog2);
  }

  /// Forgets everything that helps DMA, without software having named it.
  public void invalidateAll() {
    epoch.advance();
    contexts.removeAll();
    pasids.removeAll();
    iotlb.removeAll();
    structures.removeAll();
    permissions.removeAll();
  }

  /// Forgets everything, as at power-on; no request is under way.
  public void reset() {
    invalidateAll();
    spaces.reset();
  }

  private void begin(InvalidationKind kind) {
    invalidations.getAndIncrement(kind.ordinal());
    epoch.advance();
  }

  /// How often each kind of invalidation was made; those that never were are not in it.
  public Map<InvalidationKind, Long> invalidations() {
    Map<InvalidationKind, Long> counts = new EnumMap<>(InvalidationKind.class);
    for (InvalidationKind kind : InvalidationKind.values()) {
      long count = invalidations.get(kind.ordinal());
      if (count > 0) {
        counts.put(kind, count);
      }
    }
    return counts;
  }
}
