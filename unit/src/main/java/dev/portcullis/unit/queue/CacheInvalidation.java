package dev.portcullis.unit.queue;

import dev.portcullis.spec.descriptor.ContextCacheInvalidate;
import dev.portcullis.spec.descriptor.InterruptCacheInvalidate;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.descriptor.PasidCacheInvalidate;
import dev.portcullis.spec.descriptor.PasidIotlbInvalidate;
import dev.portcullis.spec.descriptor.PermissionCacheInvalidate;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.TableMode;
import dev.portcullis.unit.cache.TranslationCaches;
import java.util.function.Supplier;

/// Does what descriptors say of the unit's own caches. Who must be sure that no request still uses
/// what is gone drains when [#drainIsDue].
///
/// @vtd 6.5.2 Queued Invalidation Interface
public final class CacheInvalidation {
  private final TranslationCaches caches;
  private final InterruptEntries interrupts;
  private final Supplier<TableMode> tableMode;
  private final boolean drainsReads;
  private final boolean drainsWrites;
  private final boolean alwaysDrains;
  private final int domainIds;
  private boolean drainDue;

  /// @param tableMode the table mode in force
  public CacheInvalidation(
      Capabilities capabilities,
      TranslationCaches caches,
      InterruptEntries interrupts,
      Supplier<TableMode> tableMode) {
    this.caches = caches;
    this.interrupts = interrupts;
    this.tableMode = tableMode;
    this.drainsReads = capabilities.has(Feature.READ_DRAINING);
    this.drainsWrites = capabilities.has(Feature.WRITE_DRAINING);
    this.alwaysDrains = capabilities.alwaysDrains();
    this.domainIds = (1 << capabilities.capability().domainIdBits()) - 1;
  }

  /// Outside legacy mode contexts belong to no domain.
  ///
  /// @vtd 6.2.3 Context-cache
  void invalidate(ContextCacheInvalidate descriptor) {
    int domain = descriptor.domainId() & domainIds;
    int source = descriptor.sourceId();
    boolean legacy = tableMode.get() == TableMode.LEGACY;
    switch (descriptor.granularity()) {
      case GLOBAL -> caches.invalidateContexts();
      case DOMAIN -> {
        if (legacy) {
          caches.invalidateContextsOf(domain);
        } else {
          caches.invalidateContexts();
        }
      }
      case SELECTIVE -> {
        if (legacy) {
          caches.invalidateContextOf(domain, source, descriptor.functionMask());
        } else {
          caches.invalidateScalableContextOf(source, descriptor.functionMask());
        }
      }
    }
  }

  void invalidate(IotlbInvalidate descriptor) {
    int domain = descriptor.domainId() & domainIds;
    long address = descriptor.address();
    int pageLog2 = descriptor.addressMask();
    switch (descriptor.granularity()) {
      case GLOBAL -> caches.invalidateTranslations();
      case DOMAIN -> caches.invalidateTranslationsOf(domain);
      case SELECTIVE -> {
        if (descriptor.isLeafOnly()) {
          caches.invalidateLeafPages(domain, address, pageLog2);
        } else {
          caches.invalidatePages(domain, address, pageLog2);
        }
      }
    }
    drainDue |=
        alwaysDrains
            || drainsReads && descriptor.drainsReads()
            || drainsWrites && descriptor.drainsWrites();
  }

  void invalidate(PasidCacheInvalidate descriptor) {
    int domain = descriptor.domainId() & domainIds;
    switch (descriptor.scope()) {
      case GLOBAL -> caches.invalidatePasids();
      case DOMAIN -> caches.invalidatePasidsOf(domain);
      case PASID -> caches.invalidatePasid(domain, descriptor.pasid());
    }
  }

  void invalidate(PasidIotlbInvalidate descriptor) {
    int domain = descriptor.domainId() & domainIds;
    int pasid = descriptor.pasid();
    long address = descriptor.address();
    int pageLog2 = descriptor.addressMask();
    if (!descriptor.isForPages()) {
      caches.invalidatePasidTranslations(domain, pasid);
    } else if (descriptor.isLeafOnly()) {
      caches.invalidatePasidLeafPages(domain, pasid, address, pageLog2);
    } else {
      caches.invalidatePasidPages(domain, pasid, address, pageLog2);
    }
    drainDue = true;
  }

  void invalidate(PermissionCacheInvalidate descriptor) {
    int domain = descriptor.permissionDomain() & domainIds;
    int levels = descriptor.levels();
    switch (descriptor.granularity()) {
      case GLOBAL -> caches.invalidatePermissions();
      case DOMAIN -> caches.invalidatePermissionsOf(domain, levels);
      case SELECTIVE ->
          caches.invalidatePermissionPages(
              domain, descriptor.address(), descriptor.addressMask(), levels);
    }
  }

  void invalidate(InterruptCacheInvalidate descriptor) {
    if (descriptor.isGlobal()) {
      interrupts.invalidateAll();
    } else {
      interrupts.invalidate(descriptor.index(), descriptor.indexMask());
    }
  }

  /// Whether requests of before must end before the next wait is done; says so once.
  boolean drainIsDue() {
    boolean due = drainDue;
    drainDue = false;
    return due;
  }
}
