package dev.portcullis.unit.queue;

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
import dev.portcullis.unit.devicetlb.DeviceTlbs;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.pagerequest.PageRequests;

/// Does what a valid descriptor asks, one after the other: so a fence has nothing left to do.
///
/// Drains are put off to the next wait descriptor: nothing before it promises anything.
///
/// @vtd 6.5.2 Queued Invalidation Interface
public final class DescriptorExecutor {
  private final CacheInvalidation caches;
  private final DeviceTlbs deviceTlbs;
  private final PageRequests pageRequests;
  private final InFlight inFlight;
  private final Waits waits;

  public DescriptorExecutor(
      CacheInvalidation caches,
      DeviceTlbs deviceTlbs,
      PageRequests pageRequests,
      InFlight inFlight,
      Waits waits) {
    this.caches = caches;
    this.deviceTlbs = deviceTlbs;
    this.pageRequests = pageRequests;
    this.inFlight = inFlight;
    this.waits = waits;
  }

  /// Carries `descriptor` out, or leaves it as if it had not been seen.
  Progress execute(InvalidationDescriptor.Valid descriptor) {
    boolean done = true;
    switch (descriptor) {
      case ContextCacheInvalidate contexts -> caches.invalidate(contexts);
      case PasidCacheInvalidate pasids -> caches.invalidate(pasids);
      case IotlbInvalidate iotlb -> caches.invalidate(iotlb);
      case PasidIotlbInvalidate iotlb -> caches.invalidate(iotlb);
      case PermissionCacheInvalidate permissions -> caches.invalidate(permissions);
      case InterruptCacheInvalidate interrupts -> caches.invalidate(interrupts);
      case DeviceTlbInvalidate device -> done = deviceTlbs.invalidate(device);
      case PasidDeviceTlbInvalidate device -> done = deviceTlbs.invalidate(device);
      case PageGroupResponse response -> pageRequests.respond(response);
      case InvalidationWait wait -> done = complete(wait);
    }
    return done ? Progress.DONE : Progress.PAUSED;
  }

  private boolean complete(InvalidationWait wait) {
    if (deviceTlbs.areUnderWay()) {
      return false;
    }
    if (caches.drainIsDue()) {
      inFlight.drain();
    }
    if (wait.drainsPageRequests()) {
      pageRequests.settle();
    }
    waits.complete(wait);
    return true;
  }
}
