package dev.portcullis.vmm.fault;

import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.fault.FaultLog.Overflow;
import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.assign.Assignments;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Reads what the unit has refused, says whose doing it was, and tells it.
///
/// A function that is refused again and again is told of at its [Tempo] and no faster, whatever the
/// others do; what is withheld is counted. Before a function changes hands its faults are read, so
/// that they stay its old partition's.
public final class FaultDesk {
  private final RemappingDriver driver;
  private final Assignments assignments;
  private final Tempo tempo;
  private final LongSupplier nanoClock;
  private final Consumer<FaultEvent> listener;
  private final Map<RequesterId, Allowance> allowances = new HashMap<>();

  /// @param nanoClock as [System#nanoTime]
  /// @param listener told on the thread that reads; must not wait for the monitor
  public FaultDesk(
      RemappingDriver driver,
      Assignments assignments,
      Tempo tempo,
      LongSupplier nanoClock,
      Consumer<FaultEvent> listener) {
    this.driver = driver;
    this.assignments = assignments;
    this.tempo = tempo;
    this.nanoClock = nanoClock;
    this.listener = listener;
    assignments.beforeLeaving(this::read);
  }

  /// Reads whatever has been refused since the last call, and tells of it. To be called when the
  /// unit's fault event comes, and now and then, for what was withheld.
  ///
  /// @throws VmmException if the unit cannot be read
  public synchronized void read() throws VmmException {
    try {
      if (driver.faults().drain(this::tell) == Overflow.OVERFLOWED) {
        listener.accept(new FaultEvent.Lost());
      }
    } catch (DriverException e) {
      throw new VmmException(Reason.UNIT, "cannot read faults: " + e.getMessage(), e);
    }
    allowances.forEach(this::tellWithheld);
  }

  private void tell(FaultRecord record) {
    RequesterId function = RequesterId.of(record.sourceId());
    long now = nanoClock.getAsLong();
    Allowance allowance = allowances.computeIfAbsent(function, at -> new Allowance(tempo, now));
    if (allowance.take(now)) {
      listener.accept(new FaultEvent.Refused(record, function, partitionOf(function)));
    }
  }

  private void tellWithheld(RequesterId function, Allowance allowance) {
    long count = allowance.takeWithheld(nanoClock.getAsLong());
    if (count > 0) {
      listener.accept(new FaultEvent.Withheld(function, partitionOf(function), count));
    }
  }

  private Optional<String> partitionOf(RequesterId function) {
    return assignments.at(function).map(assignment -> assignment.partition().name());
  }
}
