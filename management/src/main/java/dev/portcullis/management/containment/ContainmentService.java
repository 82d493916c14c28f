package dev.portcullis.management.containment;

import dev.portcullis.management.containment.ContainmentDescription.Cause;
import dev.portcullis.management.containment.ContainmentDescription.Sign;
import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.management.enforcement.Enforcement;
import dev.portcullis.management.enforcement.Enforcement.Demander;
import dev.portcullis.management.enforcement.NetworkAccess;
import dev.portcullis.management.integrity.Finding;
import dev.portcullis.management.provision.Caretaker;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PartitionDescription.Role;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Watches a platform for signs of an outbreak, and contains partitions.
///
/// ```
///   faults, findings,                one deed per partition,
///   frames, verdicts  ──▶ signs ──▶  the strongest        ──▶ thread ──▶ Containment ──▶ access,
///                                                            a person ──▶                events
/// ```
///
/// Whoever brings a sign waits for nothing, and there is no queue that could be filled.
public final class ContainmentService implements Caretaker, AutoCloseable {
  private static final long LOOK_MILLIS = 200;

  private final RunningPlatform platform;
  private final Signs signs;
  private final Containment containment;
  private final Enforcement enforcement;
  private final boolean newcomers;
  private final Map<String, Due> due = new ConcurrentHashMap<>();
  private final Semaphore woken = new Semaphore(0);
  private final Thread thread;
  private volatile boolean isClosed;

  /// What a sign asks for.
  private record Due(Trigger trigger, String reason) {
    static Due stronger(Due one, Due other) {
      return Signs.strength(other.trigger) > Signs.strength(one.trigger) ? other : one;
    }
  }

  private ContainmentService(
      ContainmentDescription description,
      RunningPlatform platform,
      StateStore store,
      Enforcement enforcement) {
    this.platform = platform;
    this.enforcement = enforcement;
    this.newcomers = description.newcomers();
    this.signs = new Signs(description);
    this.containment =
        new Containment(description, store, enforcement, new Told(), Clock.systemUTC());
    this.thread = Thread.ofPlatform().daemon().name("containment").unstarted(this::run);
  }

  /// Begins: every partition stands where it stood.
  ///
  /// @throws VmmException if there is no such partition
  public static ContainmentService start(
      ContainmentDescription description,
      RunningPlatform platform,
      StateStore store,
      Enforcement enforcement)
      throws VmmException {
    ContainmentService service = new ContainmentService(description, platform, store, enforcement);
    service.listen(description.partitions());
    service.leaveOthers(description.partitions());
    service.thread.start();
    return service;
  }

  private void leaveOthers(List<String> watched) {
    for (RunningPartition one : platform.partitions()) {
      if (one.description().role() == Role.CLIENT && !watched.contains(one.name())) {
        leave(one.name());
      }
    }
  }

  /// Whoever is not watched has no access taken.
  private void leave(String partition) {
    try {
      enforcement.demand(
          Demander.CONTAINMENT,
          partition,
          NetworkAccess.of(AccessLevel.UNRESTRICTED, "it is not watched for an outbreak"));
    } catch (StateException e) {
      new Told().trouble("containment of partition " + partition + ": " + e.getMessage());
    }
  }

  @Override
  public void came(RunningPartition partition) {
    if (newcomers) {
      containment.begin(partition.name());
      signs.begin(partition.name());
      listen(partition);
    } else {
      leave(partition.name());
    }
  }

  @Override
  public void went(String partition) {
    signs.end(partition);
    containment.end(partition);
    due.remove(partition);
  }

  private void listen(List<String> partitions) throws VmmException {
    platform.onFault(
        fault -> fault.partition().ifPresent(partition -> count(partition, Cause.FAULT, 0)));
    for (String name : partitions) {
      listen(platform.partition(name));
    }
    if (signs.needFrames()) {
      for (RunningPartition one : platform.partitions()) {
        one.firewall().ifPresent(firewall -> firewall.onFrame(this::saw));
      }
    }
  }

  private void listen(RunningPartition partition) {
    partition
        .engine()
        .onChange(state -> {
          if (state.is(Phase.RUNNING)) {
            begun(partition.name());
          }
        });
  }

  /// A frame has come to the bridge, from the partition that its port is named after.
  private void saw(Packet packet, String port) {
    count(port, Cause.RATE, 0);
    long target = Targets.of(packet);
    if (target != Targets.NONE) {
      count(port, Cause.SCAN, target);
    }
  }

  /// Integrity agents have found something. Waits for nothing.
  public void found(Finding finding) {
    count(
        finding.partition(),
        switch (finding.kind()) {
          case CHANGED -> Cause.INTEGRITY_VIOLATION;
          case DENIED -> Cause.INTEGRITY_DENIED;
        },
        0);
  }

  /// Access control has found against a partition. Waits for nothing.
  public void denied(String partition) {
    count(partition, Cause.ACCESS, 0);
  }

  private void count(String partition, Cause cause, long key) {
    if (!isClosed) {
      signs.count(partition, cause, System.nanoTime(), key).ifPresent(sign -> ask(partition, sign));
    }
  }

  private void ask(String partition, Sign sign) {
    String what = sign.on().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    String reason = "%s: %,d within %,d s".formatted(what, sign.count(), sign.within().toSeconds());
    ask(partition, new Due(sign.then(), reason));
  }

  private void ask(String partition, Due what) {
    due.merge(partition, what, Due::stronger);
    woken.release();
  }

  /// One that must be off is switched off again.
  private void begun(String partition) {
    boolean mustBeOff =
        containment
            .of(partition)
            .filter(one -> one.state() == ContainmentState.POWERED_OFF)
            .isPresent();
    if (mustBeOff) {
      new Told().powerOff(partition);
    }
  }

  private void run() {
    try {
      while (!isClosed) {
        woken.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        woken.drainPermits();
        for (String partition : containment.partitions()) {
          Due what = due.remove(partition);
          if (what != null) {
            doDue(partition, what);
          }
        }
        containment.expire();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void doDue(String partition, Due what) {
    try {
      containment.apply(partition, what.trigger, what.reason);
    } catch (RefusedTransitionException | StateException e) {
      // That has been told.
    }
  }

  /// Has a trigger come from a person, or from another service.
  ///
  /// @param reason for people
  /// @throws RefusedTransitionException if it must not come now
  /// @throws StateException if what widens access cannot be kept: nothing has changed then
  public void request(String partition, Trigger trigger, String reason)
      throws RefusedTransitionException, StateException {
    if (trigger == Trigger.EXPIRE) {
      throw new RefusedTransitionException("nobody but time has time pass");
    }
    containment.apply(partition, trigger, reason);
  }

  /// Where all of them stand.
  public List<ContainmentStatus> status() {
    List<ContainmentStatus> all = new ArrayList<>();
    for (String partition : containment.partitions()) {
      containment
          .of(partition)
          .ifPresent(standing ->
              all.add(new ContainmentStatus(partition, standing, containment.until(partition))));
    }
    return all;
  }

  /// Tells it to the platform.
  private final class Told implements Containment.Outside {
    @Override
    public void changed(String partition, ContainmentState from, Trigger trigger, Standing to) {
      Map<String, Object> data = new LinkedHashMap<>();
      data.put("from", from.word());
      data.put("state", to.state().word());
      data.put("trigger", trigger.word());
      data.put("reason", to.reason());
      boolean worse = to.state().isNoWiderThan(from) && to.state() != ContainmentState.NORMAL;
      publish(
          EventType.CONTAINMENT_STATE,
          worse ? Severity.ALERT : Severity.NOTICE,
          Subject.ofPartition(partition),
          "partition %s is %s: %s".formatted(partition, to.state().word(), to.reason()),
          data);
    }

    @Override
    public void refused(String partition, String why) {
      publish(
          EventType.CONTAINMENT_REFUSED,
          Severity.WARNING,
          Subject.ofPartition(partition),
          why,
          Map.of());
    }

    @Override
    public void trouble(String what) {
      publish(EventType.PLATFORM_TROUBLE, Severity.ERROR, Subject.PLATFORM, what, Map.of());
    }

    private void publish(
        EventType type, Severity severity, Subject subject, String text, Map<String, Object> data) {
      platform.events().publish(type, severity, subject, text, data);
    }

    @Override
    public void powerOff(String partition) {
      Optional<RunningPartition> named =
          platform.partitions().stream().filter(one -> one.name().equals(partition)).findFirst();
      named.ifPresent(
          one -> Thread.ofVirtual().name("power off " + partition).start(one.engine()::kill));
    }
  }

  /// Watches no more. What is demanded stays in force.
  @Override
  public void close() {
    isClosed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
