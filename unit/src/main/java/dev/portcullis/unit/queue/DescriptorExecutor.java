package dev.portcullis.unit.queue;

import static dev.portcullis.spec.register.QueueRegisters.ICS;
import static dev.portcullis.spec.register.QueueRegisters.IWC;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.descriptor.ContextCacheInvalidate;
import dev.portcullis.spec.descriptor.DeviceTlbInvalidate;
import dev.portcullis.spec.descriptor.InterruptCacheInvalidate;
import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.descriptor.PageGroupResponse;
import dev.portcullis.spec.descriptor.PasidCacheInvalidate;
import dev.portcullis.spec.descriptor.PasidDeviceTlbInvalidate;
import dev.portcullis.spec.descriptor.PasidIotlbInvalidate;
import dev.portcullis.spec.descriptor.PermissionCacheInvalidate;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.EventRegisters;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.cache.TranslationCaches;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import dev.portcullis.unit.signal.EventMessage;
import dev.portcullis.unit.signal.Outbox;

/// Does what a valid descriptor asks.
///
/// Drains are put off to the next wait descriptor: nothing before it promises anything.
///
/// @vtd 6.5.2 Queued Invalidation Interface
public final class DescriptorExecutor {
  private final RegisterFile file;
  private final MemoryMap memory;
  private final TranslationCaches caches;
  private final InterruptEntries interrupts;
  private final InFlight inFlight;
  private final Cell status;
  private final EventMessage event;
  private final boolean drainsReads;
  private final boolean drainsWrites;
  private final boolean alwaysDrains;
  private final long hostAddresses;
  private final int domainIds;
  private boolean drainDue;
  private volatile long waits;

  public DescriptorExecutor(
      RegisterFile file,
      MemoryMap memory,
      TranslationCaches caches,
      InterruptEntries interrupts,
      InFlight inFlight,
      Outbox outbox) {
    Capabilities capabilities = file.capabilities();
    this.file = file;
    this.memory = memory;
    this.caches = caches;
    this.interrupts = interrupts;
    this.inFlight = inFlight;
    this.status = file.cell(ICS);
    this.event = new EventMessage(file, EventRegisters.INVALIDATION, outbox);
    this.drainsReads = capabilities.has(Feature.READ_DRAINING);
    this.drainsWrites = capabilities.has(Feature.WRITE_DRAINING);
    this.alwaysDrains = capabilities.alwaysDrains();
    this.hostAddresses = ~capabilities.beyondHostAddress();
    this.domainIds = (1 << capabilities.capability().domainIdBits()) - 1;
    status.onWrite((before, after, written) -> statusCleared());
  }

  void execute(InvalidationDescriptor.Valid descriptor) {
    switch (descriptor) {
      case ContextCacheInvalidate context -> invalidate(context);
      case IotlbInvalidate iotlb -> invalidate(iotlb);
      case InvalidationWait wait -> complete(wait);
      case PasidCacheInvalidate pasids -> invalidate(pasids);
      case PasidIotlbInvalidate iotlb -> invalidate(iotlb);
      case PermissionCacheInvalidate permissions -> invalidate(permissions);
      case InterruptCacheInvalidate interrupts -> invalidate(interrupts);
      case DeviceTlbInvalidate _, PasidDeviceTlbInvalidate _, PageGroupResponse _ ->
          throw new AssertionError("a unit without device-TLBs knows no " + descriptor);
    }
  }

  private void invalidate(ContextCacheInvalidate descriptor) {
    int domain = descriptor.domainId() & domainIds;
    switch (descriptor.granularity()) {
      case GLOBAL -> caches.invalidateContexts();
      case DOMAIN -> caches.invalidateContextsOf(domain);
      case SELECTIVE ->
          caches.invalidateContextOf(domain, descriptor.sourceId(), descriptor.functionMask());
    }
  }

  private void invalidate(IotlbInvalidate descriptor) {
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

  private void invalidate(PasidCacheInvalidate descriptor) {
    int domain = descriptor.domainId() & domainIds;
    switch (descriptor.scope()) {
      case GLOBAL -> caches.invalidatePasids();
      case DOMAIN -> caches.invalidatePasidsOf(domain);
      case PASID -> caches.invalidatePasid(domain, descriptor.pasid());
    }
  }

  private void invalidate(PasidIotlbInvalidate descriptor) {
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

  private void invalidate(PermissionCacheInvalidate descriptor) {
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

  private void invalidate(InterruptCacheInvalidate descriptor) {
    if (descriptor.isGlobal()) {
      interrupts.invalidateAll();
    } else {
      interrupts.invalidate(descriptor.index(), descriptor.indexMask());
    }
  }

  /// Number of wait descriptors carried out.
  public long waits() {
    return waits;
  }

  /// @vtd 6.5.2.8 Invalidation Wait Descriptor
  private void complete(InvalidationWait wait) {
    waits++;
    if (drainDue) {
      inFlight.drain();
      drainDue = false;
    }
    if (wait.writesStatus()) {
      // No memory there is software's loss: nothing tells it.
      memory.store32(wait.statusAddress() & hostAddresses, wait.statusData());
    }
    if (wait.raisesEvent()) {
      synchronized (file) {
        boolean seenTo = !status.isSet(IWC);
        status.set(IWC, 1);
        if (seenTo) {
          event.raise();
        }
      }
    }
  }

  private void statusCleared() {
    if (!status.isSet(IWC)) {
      event.withdraw();
    }
  }
}
