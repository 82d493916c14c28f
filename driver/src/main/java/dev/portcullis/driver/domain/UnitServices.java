package dev.portcullis.driver.domain;

import dev.portcullis.driver.command.GlobalCommand;
import dev.portcullis.driver.discovery.UnitTraits;
import dev.portcullis.driver.invalidation.InvalidationBatch;
import dev.portcullis.driver.invalidation.Invalidator;
import dev.portcullis.driver.pagerequest.PageRequestService;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.TableWriter;
import dev.portcullis.spec.descriptor.DeviceTlbInvalidate;
import dev.portcullis.spec.descriptor.PasidDeviceTlbInvalidate;
import dev.portcullis.spec.register.Feature;
import java.util.Optional;

/// What domains and devices of one unit share.
public final class UnitServices {
  private static final int EVERYTHING = 52;

  private final UnitTraits traits;
  private final Invalidator invalidator;
  private final GlobalCommand command;
  private final TableWriter paging;
  private final Optional<PageRequestService> pageRequests;
  private final DomainIds ids;
  private final boolean throttles;
  private final boolean buffersWrites;
  private volatile boolean translating;

  /// @param paging writes page tables
  /// @param pageRequests serves devices that ask for pages, if there may be some
  public UnitServices(
      UnitTraits traits,
      Invalidator invalidator,
      GlobalCommand command,
      TableWriter paging,
      Optional<PageRequestService> pageRequests) {
    this.traits = traits;
    this.invalidator = invalidator;
    this.command = command;
    this.paging = paging;
    this.pageRequests = pageRequests;
    this.ids = new DomainIds(traits.domainIds());
    this.throttles = traits.has(Feature.DEVICE_TLB_INVALIDATION_THROTTLE);
    this.buffersWrites = traits.has(Feature.WRITE_BUFFER_FLUSH);
  }

  public UnitTraits traits() {
    return traits;
  }

  TableWriter paging() {
    return paging;
  }

  DomainIds ids() {
    return ids;
  }

  /// Translation is on from now on, and with it device-TLBs.
  public void translationIsOn() {
    translating = true;
  }

  /// Translation is off from now on; devices do not answer invalidations any more.
  public void translationIsOff() {
    translating = false;
  }

  /// Has the unit carry out `batch`.
  public void submit(InvalidationBatch batch) throws DriverException {
    invalidator.submit(batch);
  }

  /// The same; a device that asks for pages has nothing under way when it returns.
  public void submitAndDrain(InvalidationBatch batch, Attachment place) throws DriverException {
    if (pageRequests.isPresent() && translating && place.deviceTlb().isPresent()) {
      pageRequests.get().drain(batch);
    } else {
      submit(batch);
    }
  }

  /// Whether devices may ask for pages.
  public boolean servesPageRequests() {
    return pageRequests.isPresent();
  }

  /// Something was added to tables, and nothing needs to be invalidated for it.
  public void added() throws DriverException {
    if (buffersWrites) {
      command.flushWriteBuffer();
    }
  }

  /// Makes the device-TLB of `place`, if there is one, forget everything.
  public void addDeviceTlb(InvalidationBatch batch, Attachment place) {
    addDeviceTlb(batch, place, 0, EVERYTHING);
  }

  /// Makes the device-TLB of `place`, if there is one, forget 2^`pagesLog2` pages.
  void addDeviceTlb(InvalidationBatch batch, Attachment place, long address, int pagesLog2) {
    if (!translating || place.deviceTlb().isEmpty()) {
      return;
    }
    int source = place.sourceId();
    DeviceTlb tlb = place.deviceTlb().get();
    int function = throttles ? tlb.physicalFunction() : 0;
    if (place.pasid() == Attachment.REQUESTS_WITHOUT_PASID) {
      batch.add(
          DeviceTlbInvalidate.pages(source, address, pagesLog2)
              .throttled(function, tlb.queueDepth()));
    } else {
      batch.add(
          PasidDeviceTlbInvalidate.pages(source, place.pasid(), address, pagesLog2)
              .throttled(function, tlb.queueDepth()));
    }
  }
}
