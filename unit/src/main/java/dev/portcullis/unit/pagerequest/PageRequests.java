package dev.portcullis.unit.pagerequest;

import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.descriptor.PageGroupResponse;
import dev.portcullis.spec.descriptor.PageRequestDescriptor;
import dev.portcullis.unit.cache.TranslationCaches;
import dev.portcullis.unit.downstream.Downstream;
import dev.portcullis.unit.monitor.Monitor;
import dev.portcullis.unit.observe.Observers;
import dev.portcullis.unit.observe.UnitEvent;
import dev.portcullis.unit.pagerequest.PageRequestTables.Target;
import java.util.concurrent.atomic.LongAdder;

/// Takes page requests of functions, hands them to software, and sends software's answers back.
///
/// Where software cannot answer, because it never sees the request, the unit does; but only the
/// last request of a group, and never a stop marker, which asks for nothing.
///
/// @vtd 11.4.11 Page Request Queue Registers
/// @pcie 10.4 Page Request Services
public final class PageRequests {
  private final PageRequestQueue queue;
  private final PageRequestTables tables;
  private final TranslationCaches caches;
  private final Downstream downstream;
  private final Observers observers;
  private final Object order = new Object();
  private final Monitor monitor;
  private final LongAdder queued = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder responses = new LongAdder();

  /// @param tables what decides about a request
  public PageRequests(
      PageRequestQueue queue,
      PageRequestTables tables,
      TranslationCaches caches,
      Downstream downstream,
      Observers observers,
      Monitor monitor) {
    this.queue = queue;
    this.tables = tables;
    this.caches = caches;
    this.downstream = downstream;
    this.observers = observers;
    this.monitor = monitor;
  }

  /// Takes a request of function `sourceId`. Answers and messages are put in, not sent.
  public void request(int sourceId, PageRequest request) {
    var target = tables.lookup(sourceId, request); // 1 to 4
    if (target.isEmpty()) {
      refuse(sourceId, request, PageResponse.INVALID_REQUEST);
      return;
    }
    boolean accepted;
    synchronized (order) {
      accepted = enqueue(sourceId, request, target.get());
    }
    monitor.countPageRequest(sourceId, accepted);
    if (!accepted) {
      refuse(sourceId, request, PageResponse.SUCCESS);
      return;
    }
    queued.increment();
    if (observers.arePresent()) {
      observers.tell(new UnitEvent.PageRequested(sourceId, request));
    }
  }

  private boolean enqueue(int sourceId, PageRequest request, Target target) {
    if (queue.hasOverflowed()) {
      return false; // 5
    }
    if (queue.isFull()) {
      queue.overflow(); // 6
      return false;
    }
    invalidate(target, request.address()); // 7
    if (!queue.append(descriptor(sourceId, request))) { // 8, 9
      queue.overflow(); // not stated: a queue without memory holds nothing
      return false;
    }
    return true;
  }

  /// What the function saw is out of date, or it would not ask.
  private void invalidate(Target target, long address) {
    switch (target.stages()) {
      case FIRST -> caches.invalidatePasidPages(target.domain(), target.pasid(), address, 0);
      case SECOND -> caches.invalidatePages(target.domain(), address, 0);
      case NESTED -> caches.invalidateTranslationsOf(target.domain());
    }
  }

  private static PageRequestDescriptor descriptor(int sourceId, PageRequest request) {
    PageRequestDescriptor plain =
        PageRequestDescriptor.of(
            sourceId,
            request.address(),
            request.group(),
            (request.read() ? PageRequestDescriptor.RDR.mask() : 0)
                | (request.write() ? PageRequestDescriptor.WRR.mask() : 0)
                | (request.last() ? PageRequestDescriptor.LPIG.mask() : 0));
    int prefix = request.prefix();
    return PasidPrefix.isPresent(prefix)
        ? plain.withPasid(
            PasidPrefix.pasid(prefix),
            (PasidPrefix.isExecute(prefix) ? PageRequestDescriptor.EXR.mask() : 0)
                | (PasidPrefix.isPrivileged(prefix) ? PageRequestDescriptor.PMR.mask() : 0))
        : plain;
  }

  /// Drops a request that software does not get to see; the last of its group is answered.
  public void refuse(int sourceId, PageRequest request, int code) {
    refused.increment();
    if (observers.arePresent()) {
      observers.tell(new UnitEvent.PageRequestRefused(sourceId, request));
    }
    if (request.last() && !request.isStopMarker()) {
      send(sourceId, new PageResponse(pasidOnly(request.prefix()), request.group(), code));
    }
  }

  private static int pasidOnly(int prefix) {
    return PasidPrefix.isPresent(prefix)
        ? PasidPrefix.of(PasidPrefix.pasid(prefix))
        : PasidPrefix.NONE;
  }

  /// Sends software's answer, behind what it had sent before.
  public void respond(PageGroupResponse response) {
    int prefix = response.hasPasid() ? PasidPrefix.of(response.pasid()) : PasidPrefix.NONE;
    send(response.requesterId(), new PageResponse(prefix, response.group(), response.code()));
  }

  private void send(int requesterId, PageResponse response) {
    responses.increment();
    downstream.post(port -> port.respond(requesterId, response));
    if (observers.arePresent()) {
      observers.tell(new UnitEvent.PageResponded(requesterId, response));
    }
  }

  /// Returns when the requests of before are where software finds them.
  public void settle() {
    synchronized (order) {
      // Whoever was in there has written its request.
    }
  }

  /// Number of requests handed to software.
  public long queued() {
    return queued.sum();
  }

  /// Number of requests that software never saw.
  public long refused() {
    return refused.sum();
  }

  /// Number of answers sent.
  public long responses() {
    return responses.sum();
  }
}
