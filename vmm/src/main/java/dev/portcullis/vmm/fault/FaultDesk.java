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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Reads what the unit has refused, says whose doing it was, and tells it.
///
/// A function that is refused again and again is told of at its [Tempo] and no faster, whatever the
/// others do; what is withheld is counted. That the unit lost some is told at the same tempo.
/// Before a function changes hands its faults are read, so that they stay its old partition's, or
/// nobody's.
public final class FaultDesk {
  private final RemappingDriver driver;
  private final Assignments assignments;
  private final Tempo tempo;
  private final LongSupplier nanoClock;
  private final Consumer<FaultEvent> listener;
  private final Map<RequesterId, Allowance> allowances = new HashMap<>();
  private final Allowance losses;
  private final Map<RequesterId, Consumer<FaultRecord>> claims = new ConcurrentHashMap<>();
  private final List<Consumer<FaultEvent.Refused>> witnesses = new CopyOnWriteArrayList<>();

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
    this.losses = new Allowance(tempo, nanoClock.getAsLong());
    assignments.beforeChange(this::read);
  }

  /// Has `witness` see every fault that is read, also those that are withheld. Seen on the thread
  /// that reads; must not wait for the monitor.
  public void onEach(Consumer<FaultEvent.Refused> witness) {
    witnesses.add(witness);
  }

  /// Has `taker`, and nobody else, get what is refused to `requester` from now on: one that
  /// provokes faults itself, to see whether they come. Called on the thread that reads.
  ///
  /// @param requester no function's
  public void claim(RequesterId requester, Consumer<FaultRecord> taker) {
    claims.put(requester, taker);
  }

  /// Ends a [#claim].
  public void disclaim(RequesterId requester) {
    claims.remove(requester);
  }

  /// Reads whatever has been refused since the last call, and tells of it. To be called when the
  /// unit's fault event comes, and now and then, for what was withheld.
  ///
  /// @throws VmmException if the unit cannot be read
  public synchronized void read() throws VmmException {
    try {
      if (driver.faults().drain(this::tell) == Overflow.OVERFLOWED) {
        tellLost();
      }
    } catch (DriverException e) {
      throw new VmmException(Reason.UNIT, "cannot read faults: " + e.getMessage(), e);
    }
    allowances.forEach(this::tellWithheld);
    if (losses.takeWithheld(nanoClock.getAsLong()) > 0) {
      listener.accept(new FaultEvent.Lost());
    }
  }

  private void tellLost() {
    if (losses.take(nanoClock.getAsLong())) {
      listener.accept(new FaultEvent.Lost());
    }
  }

  private void tell(FaultRecord record) {
    RequesterId function = RequesterId.of(record.sourceId());
    Consumer<FaultRecord> claim = claims.get(function);
    if (claim != null) {
      claim.accept(record);
      return;
    }
    long now = nanoClock.getAsLong();
    FaultEvent.Refused refused = new FaultEvent.Refused(record, function, partitionOf(function));
    witnesses.forEach(witness -> witness.accept(refused));
    Allowance allowance = allowances.computeIfAbsent(function, at -> new Allowance(tempo, now));
    if (allowance.take(now)) {
      listener.accept(refused);
    }
  }

  private void tellWithheld(RequesterId function, Allowance allowance) {
    long count = allowance.takeWithheld(nanoClock.getAsLong());
    if (count > 0) {
      listener.accept(new FaultEvent.Withheld(function, partitionOf(function), count));
    }
  }

  private Optional<String> partitionOf(RequesterId function) {
    return assignments.sending(function).map(assignment -> assignment.partition().name());
  }
}
