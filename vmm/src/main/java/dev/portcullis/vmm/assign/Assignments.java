package dev.portcullis.vmm.assign;

import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.interrupt.InterruptTable;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.memory.PhysicalMemory;
import dev.portcullis.vmm.partition.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Which function belongs to which partition. One that belongs to none reaches no memory and sends
/// no interrupt.
///
/// A function changes hands at rest: it is reset first, then the unit's tables change and its
/// caches forget, and what is still on its way is waited for.
public final class Assignments {
  private static final String RELEASE_FIRST = ": release that first";

  private final RemappingDriver driver;
  private final PhysicalMemory physical;
  private final Map<RequesterId, Assignment> assignments = new ConcurrentHashMap<>();
  private final Set<RequesterId> quarantined = ConcurrentHashMap.newKeySet();
  private final List<Change> beforeChange = new CopyOnWriteArrayList<>();

  /// What is to be done while a function still belongs to whom it will no more, or to nobody.
  public interface Change {
    /// The function is reset already: it asks for nothing any more.
    ///
    /// @throws VmmException if that fails; the function stays then
    void run() throws VmmException;
  }

  /// Nothing is assigned.
  ///
  /// @param physical whose lock is that of all changes
  public Assignments(RemappingDriver driver, PhysicalMemory physical) {
    this.driver = driver;
    this.physical = physical;
  }

  /// Has `observer` run before a function gets a partition, and before it leaves one.
  public void beforeChange(Change observer) {
    beforeChange.add(observer);
  }

  /// Gives `function` to `partition`, reset.
  ///
  /// @throws VmmException if it belongs to a partition, one that it cannot be kept apart from
  ///   belongs to another or has been stopped, or the unit fails; then it reaches nothing
  public Assignment assign(HostFunction function, Partition partition) throws VmmException {
    synchronized (physical) {
      partition.demandOpen();
      Assignment before = assignments.get(function.at());
      if (before != null) {
        throw new VmmException(
            Reason.EXISTS,
            "function %s belongs to %s: release it first"
                .formatted(function.at(), before.partition()));
      }
      demandTogether(function, partition);
      function.reset();
      tellOfChange();
      try {
        Assignment assignment = attach(function, partition);
        assignments.put(function.at(), assignment);
        return assignment;
      } catch (DriverException e) {
        throw failed("assign", function.at(), e);
      }
    }
  }

  private void tellOfChange() throws VmmException {
    for (Change observer : beforeChange) {
      observer.run();
    }
  }

  /// Does nothing if `function` can be given to `to` as far as others are concerned.
  ///
  /// @throws VmmException if a function that it cannot be kept apart from belongs to another
  ///   partition, or one with the same requester ID has been stopped
  public void demandTogether(HostFunction function, Partition to) throws VmmException {
    for (RequesterId at : function.companions()) {
      Assignment other = assignments.get(at);
      if (other != null && other.partition() != to) {
        throw new VmmException(
            Reason.IN_USE,
            "function %s cannot be kept apart from function %s, which belongs to %s"
                    .formatted(function.at(), at, other.partition())
                + RELEASE_FIRST);
      }
    }
    for (Assignment sharer : sharers(function)) {
      if (quarantined.contains(sharer.function().at())) {
        throw new VmmException(
            Reason.IN_USE,
            "function %s cannot be told from function %s, which has been stopped"
                    .formatted(function.at(), sharer.function().at())
                + RELEASE_FIRST);
      }
    }
  }

  /// The other functions that belong to a partition whose requests carry what those of `function`
  /// do.
  private List<Assignment> sharers(HostFunction function) {
    return assignments.values().stream()
        .filter(one -> one.function().requester().equals(function.requester()))
        .filter(one -> !one.function().at().equals(function.at()))
        .toList();
  }

  private Assignment attach(HostFunction function, Partition partition) throws DriverException {
    List<Assignment> sharers = sharers(function);
    if (!sharers.isEmpty()) {
      return new Assignment(
          function, partition, sharers.getFirst().device(), interruptsFor(function));
    }
    Device device = driver.device(function.requester().id(), function.features());
    try {
      Optional<InterruptBlock> interrupts = interruptsFor(function);
      try {
        device.attach(partition.domain());
      } catch (DriverException e) {
        close(interrupts);
        throw e;
      }
      return new Assignment(function, partition, device, interrupts);
    } catch (DriverException e) {
      driver.remove(device);
      throw e;
    }
  }

  private Optional<InterruptBlock> interruptsFor(HostFunction function) throws DriverException {
    Optional<InterruptTable> table = driver.interrupts();
    return table.isPresent() && function.messages() > 0
        ? Optional.of(table.get().allocate(entriesFor(function.messages())))
        : Optional.empty();
  }

  /// Entries come in powers of two.
  private static int entriesFor(int messages) {
    return Integer.highestOneBit(2 * messages - 1);
  }

  private static void close(Optional<InterruptBlock> interrupts) throws DriverException {
    if (interrupts.isPresent()) {
      interrupts.get().close();
    }
  }

  /// Takes the function at `at` from its partition. When it returns, it is reset, reaches nothing,
  /// and nothing it has asked for is under way.
  ///
  /// @throws VmmException if it belongs to nobody, or the unit fails; then it stays assigned, reset
  public void release(RequesterId at) throws VmmException {
    synchronized (physical) {
      Assignment assignment = of(at);
      assignment.function().reset();
      tellOfChange();
      try {
        boolean last = sharers(assignment.function()).isEmpty();
        if (last) {
          assignment.device().detachAll();
        }
        close(assignment.interrupts());
        if (last) {
          driver.remove(assignment.device());
        }
      } catch (DriverException e) {
        throw failed("release", at, e);
      }
      assignments.remove(at);
      quarantined.remove(at);
    }
  }

  /// Takes the function at `at` from its partition and gives it to `partition`.
  ///
  /// @throws VmmException if it belongs to nobody, or the unit fails; then it reaches nothing
  public Assignment reassign(RequesterId at, Partition partition) throws VmmException {
    synchronized (physical) {
      partition.demandOpen();
      HostFunction function = of(at).function();
      demandTogether(function, partition);
      release(at);
      return assign(function, partition);
    }
  }

  /// Has the function at `at`, which stays its partition's, reach nothing and send no interrupt.
  /// When it returns, it is reset, no bus master, and nothing it has asked for is under way. Again
  /// if it is so already. Whatever it tries leaves no record, so that it takes none from others.
  /// Functions whose requests carry the same requester ID go with it.
  ///
  /// @param at the function's place, or what its requests carry
  /// @param owner name of the partition that it should belong to
  /// @throws VmmException if it belongs to nobody or another, or the unit fails; then it is reset,
  ///   and counts as being in quarantine
  public void quarantine(RequesterId at, String owner) throws VmmException {
    synchronized (physical) {
      Assignment assignment = known(sending(at).or(() -> at(at)), at);
      if (!assignment.partition().name().equals(owner)) {
        throw new VmmException(
            Reason.NOT_OWNED,
            "function %s belongs to %s by now, no more to partition %s"
                .formatted(at, assignment.partition(), owner));
      }
      List<Assignment> all = withSharers(assignment);
      all.forEach(one -> one.function().reset());
      try {
        assignment.device().silence();
        for (Assignment one : all) {
          silenceInterrupts(one);
        }
      } catch (DriverException e) {
        throw failed("stop", at, e);
      } finally {
        all.forEach(one -> quarantined.add(one.function().at()));
      }
    }
  }

  private List<Assignment> withSharers(Assignment assignment) {
    List<Assignment> all = new ArrayList<>(sharers(assignment.function()));
    all.addFirst(assignment);
    return all;
  }

  private static void silenceInterrupts(Assignment assignment) throws DriverException {
    if (assignment.interrupts().isPresent()) {
      InterruptBlock block = assignment.interrupts().get();
      for (int number = 0; number < block.count(); number++) {
        block.silence(number);
      }
    }
  }

  private static void refuseInterrupts(Assignment assignment) throws DriverException {
    if (assignment.interrupts().isPresent()) {
      InterruptBlock block = assignment.interrupts().get();
      for (int number = 0; number < block.count(); number++) {
        block.clear(number);
      }
    }
  }

  /// Resets the function at `at`, which stays its partition's: its software has to set it up anew.
  ///
  /// @throws VmmException if it belongs to no partition, or was stopped
  public void reset(RequesterId at) throws VmmException {
    synchronized (physical) {
      Assignment assignment = of(at);
      if (quarantined.contains(assignment.function().at())) {
        throw new VmmException(Reason.IN_USE, "function " + at + " has been stopped");
      }
      assignment.function().reset();
    }
  }

  /// Has the function at `at` reach again what its partition does, reset, and those with it that
  /// were stopped with it. Its software has to set it up anew.
  ///
  /// @throws VmmException if it is not in quarantine, or the unit fails: it is still there then
  public void resume(RequesterId at) throws VmmException {
    synchronized (physical) {
      Assignment assignment = of(at);
      if (!quarantined.contains(assignment.function().at())) {
        throw new VmmException(Reason.IN_USE, "function " + at + " has not been stopped");
      }
      List<Assignment> all = withSharers(assignment);
      all.forEach(one -> one.function().reset());
      try {
        for (Assignment one : all) {
          refuseInterrupts(one);
        }
        assignment.device().attach(assignment.partition().domain());
      } catch (DriverException e) {
        throw failed("resume", at, e);
      }
      all.forEach(one -> quarantined.remove(one.function().at()));
    }
  }

  /// Whether the function at `at` has been stopped, and not resumed. Takes no lock.
  public boolean isQuarantined(RequesterId at) {
    return quarantined.contains(at);
  }

  private Assignment of(RequesterId at) throws VmmException {
    return known(at(at), at);
  }

  private static Assignment known(Optional<Assignment> assignment, RequesterId at)
      throws VmmException {
    return assignment.orElseThrow(
        () -> new VmmException(Reason.UNKNOWN, "function " + at + " belongs to no partition"));
  }

  /// The assignment of a function whose requests carry `requester`, if there is one: of several,
  /// which belong to one partition, any. Takes no lock.
  public Optional<Assignment> sending(RequesterId requester) {
    Assignment there = assignments.get(requester);
    if (there != null && there.function().requester().equals(requester)) {
      return Optional.of(there);
    }
    return assignments.values().stream()
        .filter(one -> one.function().requester().equals(requester))
        .findFirst();
  }

  /// The assignment of the function at `at`, if it belongs to a partition. Takes no lock: whoever
  /// reads faults asks this, and a function that leaves has its faults read under the lock.
  public Optional<Assignment> at(RequesterId at) {
    return Optional.ofNullable(assignments.get(at));
  }

  /// The functions of `partition`.
  public List<Assignment> of(Partition partition) {
    synchronized (physical) {
      return assignments.values().stream()
          .filter(assignment -> assignment.partition() == partition)
          .toList();
    }
  }

  private static VmmException failed(String what, RequesterId at, DriverException e) {
    return new VmmException(
        Reason.UNIT, "cannot %s function %s: %s".formatted(what, at, e.getMessage()), e);
  }
}
