package dev.portcullis.unit.monitor;

import static dev.portcullis.spec.register.PerformanceRegisters.PIS;

import dev.portcullis.spec.register.EventRegisters;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.PerformanceCapability;
import dev.portcullis.spec.register.PerformanceRegisters;
import dev.portcullis.unit.lookup.Tally;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import dev.portcullis.unit.signal.EventMessage;
import dev.portcullis.unit.signal.Outbox;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// The counters of a unit. As long as none is enabled, nothing is counted anywhere: requests take
/// the direct way.
///
/// @vtd 11.4.13 Performance Monitoring Registers
public final class Monitor {
  private static final int PAGE_REQUEST_GROUP = 1;
  private static final int PAGE_REQUEST_POSTED = 6;
  private static final int PAGE_REQUEST_OVERFLOW = 7;
  private static final int INTERRUPT_GROUP = 4;
  private static final int INTERRUPT_LOOKUP = 0;

  private final RegisterFile file;
  private final Counter[] counters;
  private final Cell frozen;
  private final Cell overflowed;
  private final Cell interruptStatus;
  private final EventMessage event;
  private final Outbox outbox;
  private final Consumer<Boolean> onSwitch;
  private volatile boolean on;

  /// How an interrupt entry was found.
  public enum InterruptLookup {
    MISS,
    REMAPPED,
    POSTED
  }

  /// @param onSwitch told whether any counter is enabled, whenever that changes
  public Monitor(RegisterFile file, Outbox outbox, Consumer<Boolean> onSwitch) {
    PerformanceCapability announced = file.features().performance();
    boolean present = file.capabilities().has(Feature.PERFORMANCE_MONITORING);
    this.file = file;
    this.outbox = outbox;
    this.onSwitch = onSwitch;
    this.counters =
        IntStream.range(0, present ? announced.number() : 0)
            .mapToObj(index -> new Counter(file, announced, index))
            .toArray(Counter[]::new);
    this.frozen = file.cell(PerformanceRegisters.freezes(announced));
    this.overflowed = file.cell(PerformanceRegisters.overflows(announced));
    this.interruptStatus = file.cell(PerformanceRegisters.PERFINTRSTS);
    this.event = new EventMessage(file, EventRegisters.PERFORMANCE, outbox);
    interruptStatus.onWrite((before, after, written) -> statusCleared());
  }

  /// The registers are as after power-on: nothing is counted.
  public void reset() {
    update();
  }

  /// The events of `group` that can be counted: a bit for each.
  public static long countable(int group) {
    return Counted.events(group);
  }

  /// Whether any counter is enabled.
  public boolean isOn() {
    return on;
  }

  /// Enables a counter.
  ///
  /// @return whether its configuration makes sense
  public boolean enable(long counter) {
    synchronized (file) {
      boolean possible =
          counter >= 0 && counter < counters.length && counters[(int) counter].isCountable();
      if (possible) {
        counters[(int) counter].enable(true);
        update();
      }
      return possible;
    }
  }

  /// Disables a counter, which is not frozen any more then.
  ///
  /// @return whether there is such a counter
  public boolean disable(long counter) {
    synchronized (file) {
      boolean possible = counter >= 0 && counter < counters.length;
      if (possible) {
        counters[(int) counter].enable(false);
        frozen.set(frozen.word() & ~(1L << counter));
        update();
      }
      return possible;
    }
  }

  /// Disables all counters, and takes back configuration, filters, freezes and overflows.
  public void resetConfigurations() {
    synchronized (file) {
      for (Counter counter : counters) {
        counter.resetConfiguration();
      }
      frozen.set(0);
      overflowed.set(0);
      update();
    }
  }

  /// Sets all counters to 0.
  public void resetValues() {
    synchronized (file) {
      for (Counter counter : counters) {
        counter.resetValue();
      }
    }
  }

  /// Stops all counters where they are, or lets them go on.
  public void freeze(boolean stop) {
    synchronized (file) {
      frozen.set(stop ? -1L >>> 64 - counters.length : 0);
    }
  }

  private void update() {
    boolean any = false;
    for (Counter counter : counters) {
      any |= counter.isEnabled();
    }
    if (any != on) {
      on = any;
      onSwitch.accept(any);
    }
  }

  /// Counts what a request cost.
  ///
  /// @param addressType AT, 0 to 2
  public void count(int sourceId, int prefix, int addressType, Tally tally) {
    synchronized (file) {
      for (int i = 0; i < counters.length; i++) {
        if (isCounting(i) && counters[i].count(sourceId, prefix, addressType, tally)) {
          overflow(i);
        }
      }
    }
    outbox.flush();
  }

  /// Counts a page request.
  ///
  /// @param queued whether it found room
  public void countPageRequest(int sourceId, boolean queued) {
    count(sourceId, PAGE_REQUEST_GROUP, queued ? PAGE_REQUEST_POSTED : PAGE_REQUEST_OVERFLOW);
  }

  /// Counts a lookup in the interrupt entry cache.
  public void countInterrupt(int sourceId, InterruptLookup lookup) {
    count(sourceId, INTERRUPT_GROUP, INTERRUPT_LOOKUP);
    if (lookup != InterruptLookup.MISS) {
      count(sourceId, INTERRUPT_GROUP, lookup.ordinal());
    }
  }

  private void count(int sourceId, int group, int kind) {
    if (!on) {
      return;
    }
    synchronized (file) {
      for (int i = 0; i < counters.length; i++) {
        if (isCounting(i) && counters[i].count(sourceId, group, kind)) {
          overflow(i);
        }
      }
    }
    outbox.flush();
  }

  private boolean isCounting(int counter) {
    return counters[counter].isEnabled() && (frozen.word() >>> counter & 1) == 0;
  }

  private void overflow(int counter) {
    overflowed.set(overflowed.word() | 1L << counter);
    if (counters[counter].freezesOnOverflow()) {
      freeze(true);
    }
    if (counters[counter].interruptsOnOverflow() && !interruptStatus.isSet(PIS)) {
      interruptStatus.set(PIS, 1);
      event.raise();
    }
  }

  private void statusCleared() {
    if (!interruptStatus.isSet(PIS)) {
      event.withdraw();
    }
  }
}
