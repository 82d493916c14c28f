package dev.portcullis.unit.devicetlb;

import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.descriptor.DeviceTlbInvalidate;
import dev.portcullis.spec.descriptor.PasidDeviceTlbInvalidate;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.downstream.Downstream;
import dev.portcullis.unit.fault.InvalidationErrors;
import dev.portcullis.unit.observe.Observers;
import dev.portcullis.unit.observe.UnitEvent;
import dev.portcullis.unit.register.RegisterFile;
import dev.portcullis.unit.time.Timer;
import java.util.ArrayList;
import java.util.List;

/// Invalidations that devices have been asked for and have not completed.
///
/// Each has one of 32 tags. Completions and alarms come on any thread; they change what is here and
/// wake the queue, which alone draws conclusions.
///
/// @vtd 6.5.2.5 Device-TLB Invalidate Descriptor
/// @pcie 10.3 ATS Invalidation
public final class DeviceTlbs {
  private static final int TAGS = 32;

  /// Completions a request needs when the count says 0.
  private static final int MOST_COMPLETIONS = 8;

  /// An invalidation under way.
  private static final class Pending {
    final int tag;
    final int sourceId;
    final int physicalFunction;
    int completions;
    boolean expired;
    Timer.Alarm alarm = () -> {};

    Pending(int tag, int sourceId, int physicalFunction) {
      this.tag = tag;
      this.sourceId = sourceId;
      this.physicalFunction = physicalFunction;
    }
  }

  private final Downstream downstream;
  private final InvalidationErrors errors;
  private final Observers observers;
  private final boolean throttles;
  private final TimeLimit limit;
  private final Pending[] byTag = new Pending[TAGS];
  private long sent;
  private long timeOuts;

  /// How long a device has, and who is told when something has changed for the queue.
  ///
  /// @param nanos at least 1
  /// @param wake called without the lock of this object, on any thread
  public record TimeLimit(Timer timer, long nanos, Runnable wake) {}

  public DeviceTlbs(
      RegisterFile file,
      Downstream downstream,
      InvalidationErrors errors,
      Observers observers,
      TimeLimit limit) {
    this.downstream = downstream;
    this.errors = errors;
    this.observers = observers;
    this.limit = limit;
    this.throttles = file.capabilities().has(Feature.DEVICE_TLB_INVALIDATION_THROTTLE);
  }

  /// Asks the device; its requests without PASID are meant.
  ///
  /// @return whether it was asked: if not, too many invalidations are under way
  public boolean invalidate(DeviceTlbInvalidate descriptor) {
    Pending pending =
        take(descriptor.sourceId(), descriptor.physicalFunction(), descriptor.limit());
    if (pending == null) {
      return false;
    }
    ask(pending, new InvalidateRequest(pending.tag, PasidPrefix.NONE, descriptor.pages(), false));
    return true;
  }

  /// Asks the device; its requests with a PASID are meant.
  ///
  /// @return whether it was asked: if not, too many invalidations are under way
  public boolean invalidate(PasidDeviceTlbInvalidate descriptor) {
    Pending pending =
        take(descriptor.sourceId(), descriptor.physicalFunction(), descriptor.limit());
    if (pending == null) {
      return false;
    }
    ask(
        pending,
        new InvalidateRequest(
            pending.tag,
            PasidPrefix.of(descriptor.pasid()),
            descriptor.pages(),
            descriptor.isForAllPasids()));
    return true;
  }

  private synchronized Pending take(int sourceId, int physicalFunction, int most) {
    int free = -1;
    int underWay = 0;
    for (int tag = 0; tag < TAGS; tag++) {
      if (byTag[tag] == null) {
        free = free < 0 ? tag : free;
      } else if (byTag[tag].physicalFunction == physicalFunction) {
        underWay++;
      }
    }
    if (free < 0 || throttles && underWay >= most) {
      return null;
    }
    Pending pending = new Pending(free, sourceId, physicalFunction);
    byTag[free] = pending;
    pending.alarm = limit.timer.after(limit.nanos, () -> expire(pending));
    sent++;
    return pending;
  }

  private void ask(Pending pending, InvalidateRequest request) {
    downstream.post(port -> {
      if (!port.invalidate(pending.sourceId, request)) {
        expire(pending); // nobody is there who could ever answer
      }
    });
    if (observers.arePresent()) {
      observers.tell(new UnitEvent.DeviceTlbInvalidationSent(pending.sourceId, request));
    }
  }

  private void expire(Pending pending) {
    synchronized (this) {
      if (byTag[pending.tag] != pending) {
        return;
      }
      pending.expired = true;
    }
    limit.wake.run();
  }

  /// A device has forgotten what it was asked to with the tags whose bits are set in `tags`.
  ///
  /// @param count how many completions each of these requests gets, 1 to 7; 0 stands for 8
  public void completed(int sourceId, int tags, int count) {
    int needed = (count & 7) == 0 ? MOST_COMPLETIONS : count & 7;
    List<Integer> done = new ArrayList<>();
    boolean bad = false;
    synchronized (this) {
      for (int tag = 0; tag < TAGS; tag++) {
        if ((tags >>> tag & 1) == 0) {
          continue;
        }
        Pending pending = byTag[tag];
        if (pending == null || pending.expired || pending.sourceId != sourceId) {
          bad = true;
        } else if (++pending.completions >= needed) {
          pending.alarm.cancel();
          byTag[tag] = null;
          done.add(tag);
        }
      }
    }
    if (bad) {
      errors.badCompletion(sourceId);
    }
    if (observers.arePresent()) {
      done.forEach(tag -> observers.tell(new UnitEvent.DeviceTlbInvalidated(sourceId, tag)));
    }
    if (!done.isEmpty()) {
      limit.wake.run();
    }
  }

  /// Whether an invalidation has neither been completed nor given up.
  public synchronized boolean areUnderWay() {
    for (Pending pending : byTag) {
      if (pending != null) {
        return true;
      }
    }
    return false;
  }

  /// Gives up what took too long, and tells software.
  public void giveUp() {
    for (int tag = 0; tag < TAGS; tag++) {
      Pending late = expired(tag);
      if (late != null) {
        errors.timedOut(late.sourceId); // before the tag is free: a wait must not slip past
        synchronized (this) {
          byTag[tag] = null;
          timeOuts++;
        }
        late.alarm.cancel();
        if (observers.arePresent()) {
          observers.tell(new UnitEvent.DeviceTlbTimedOut(late.sourceId, tag));
        }
      }
    }
  }

  private synchronized Pending expired(int tag) {
    return byTag[tag] != null && byTag[tag].expired ? byTag[tag] : null;
  }

  /// Forgets everything under way, as at power-on.
  public synchronized void reset() {
    for (int tag = 0; tag < TAGS; tag++) {
      if (byTag[tag] != null) {
        byTag[tag].alarm.cancel();
        byTag[tag] = null;
      }
    }
  }

  /// Number of invalidations devices were asked for.
  public synchronized long sent() {
    return sent;
  }

  /// Number of those that were given up.
  public synchronized long timeOuts() {
    return timeOuts;
  }
}
