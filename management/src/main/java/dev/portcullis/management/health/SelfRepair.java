package dev.portcullis.management.health;

import dev.portcullis.management.health.CheckResult.Outcome;
import dev.portcullis.management.health.Course.Condition;
import dev.portcullis.management.recovery.DataDisk;
import dev.portcullis.management.recovery.RebuildProgress;
import dev.portcullis.management.recovery.Recovery;
import dev.portcullis.management.recovery.RecoveryException;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.assign.Assignment;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.fault.Actions;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Has rules followed: what is ill is repaired, a bounded number of times, and told.
///
/// It never widens what anybody may: a partition that containment has taken in hand, one that was
/// switched off, one that a rule about its faults has halted, and a function that was stopped are
/// left alone. One that begins passes the platform's gate like any other.
public final class SelfRepair implements AutoCloseable {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
  private static final long CLOSING_MILLIS = 5_000;

  private final RunningPlatform platform;
  private final Recovery recovery;
  private final Predicate<String> held;
  private final List<Case> cases = new ArrayList<>();
  private final long functionsEveryNanos;
  private final Duration between;
  private final Thread thread;
  private long functionsDueNanos;
  private volatile boolean closed;

  /// One thing under one rule.
  private record Case(RepairRule rule, String subject, Course course) {}

  private SelfRepair(
      HealthDescription description,
      RunningPlatform platform,
      Recovery recovery,
      Predicate<String> held) {
    this.platform = platform;
    this.recovery = recovery;
    this.held = held;
    this.functionsEveryNanos = description.look().toNanos();
    this.functionsDueNanos = System.nanoTime();
    this.between =
        description.look().compareTo(BETWEEN_LOOKS) < 0 ? description.look() : BETWEEN_LOOKS;
    for (RepairRule rule : description.repair()) {
      rule.subjects().forEach(one -> cases.add(new Case(rule, one, new Course(rule))));
    }
    this.thread = Thread.ofPlatform().daemon().name("self-repair").unstarted(this::run);
  }

  /// Begins to look, and to repair.
  ///
  /// @param held whether somebody else decides about the partition of that name
  public static SelfRepair start(
      HealthDescription description,
      RunningPlatform platform,
      Recovery recovery,
      Predicate<String> held) {
    SelfRepair repair = new SelfRepair(description, platform, recovery, held);
    repair.thread.start();
    return repair;
  }

  private void run() {
    try {
      while (!closed) {
        look();
        TimeUnit.NANOSECONDS.sleep(between.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Looks at everything, functions too.
  synchronized void lookNow() throws InterruptedException {
    functionsDueNanos = System.nanoTime();
    look();
  }

  /// Looks at what is due, and does what is to be done about it.
  private synchronized void look() throws InterruptedException {
    long now = System.nanoTime();
    boolean functionsAreDue = now - functionsDueNanos >= 0;
    if (functionsAreDue) {
      functionsDueNanos = now + functionsEveryNanos;
    }
    for (Case one : cases) {
      if (closed || one.rule().when() == Symptom.FUNCTION_FAILED && !functionsAreDue) {
        continue;
      }
      Finding finding = examine(one);
      switch (one.course().judge(finding.condition(), System.nanoTime())) {
        case NOTHING -> {
          // Until the next look.
        }
        case ATTEMPT -> attempt(one, finding);
        case GIVE_UP -> tellGivenUp(one, finding);
      }
    }
  }

  // How it is.

  /// @param partition whose matter it is; empty if nobody's
  private record Finding(Condition condition, String partition, String why) {}

  private Finding examine(Case one) {
    return one.rule().when() == Symptom.PARTITION_FAILED
        ? ofPartition(one.subject())
        : ofFunction(one.subject());
  }

  private Finding ofPartition(String name) {
    try {
      EngineState state = platform.partition(name).engine().state();
      return new Finding(
          held.test(name) ? Condition.HELD : condition(state), name, state.toString());
    } catch (VmmException gone) {
      return new Finding(Condition.HELD, name, gone.getMessage());
    }
  }

  private static Condition condition(EngineState state) {
    boolean isHaltedByRule = state.reason().equals(Optional.of(Actions.HALTED_BY_RULE));
    return switch (state.phase()) {
      case RUNNING -> Condition.WELL;
      case FAILED -> Condition.ILL;
      case HALTED -> isHaltedByRule ? Condition.HELD : Condition.ILL;
      case OFF, PAUSED -> Condition.HELD;
    };
  }

  private Finding ofFunction(String name) {
    RequesterId at = platform.description().device(name);
    Optional<Assignment> assignment = platform.lvmm().assignments().at(at);
    if (assignment.isEmpty() || platform.isStopped(at)) {
      return new Finding(Condition.HELD, "", "it is nobody's, or was stopped");
    }
    String partition = assignment.get().partition().name();
    if (held.test(partition) || !runs(partition)) {
      return new Finding(Condition.HELD, partition, "its partition does not run freely");
    }
    for (CheckResult result : new LoopbackCheck(platform, at::equals).run()) {
      if (result.subject().equals(name) && result.outcome() != Outcome.SKIPPED) {
        return new Finding(
            result.isFailed() ? Condition.ILL : Condition.WELL, partition, result.text());
      }
    }
    return new Finding(Condition.HELD, partition, "it cannot be looked at");
  }

  private boolean runs(String partition) {
    try {
      return platform.partition(partition).engine().state().is(Phase.RUNNING);
    } catch (VmmException gone) {
      return false;
    }
  }

  // What is done.

  private void attempt(Case one, Finding finding) throws InterruptedException {
    if (held.test(finding.partition())) {
      one.course().withdraw();
      return;
    }
    for (RepairStep step : one.rule().stepsOf(one.course().attempts())) {
      if (closed || held.test(finding.partition())) {
        break;
      }
      Optional<String> failure = Optional.empty();
      try {
        take(step, one, finding.partition());
      } catch (VmmException | EngineException | RecoveryException e) {
        failure = Optional.of(String.valueOf(e.getMessage()));
      }
      tell(one, finding, step, failure);
      if (failure.isPresent()) {
        break;
      }
    }
    one.course().attempted(System.nanoTime());
  }

  private void take(RepairStep step, Case one, String partition)
      throws VmmException, EngineException, RecoveryException, InterruptedException {
    switch (step) {
      case RESET_FUNCTION ->
          platform.lvmm().assignments().reset(platform.description().device(one.subject()));
      case RESTART -> {
        boolean isBroken = platform.partition(partition).engine().state().is(Phase.FAILED);
        platform.power(isBroken ? PowerAction.START : PowerAction.RESET, partition);
      }
      case REBUILD -> recovery.rebuild(partition, DataDisk.KEEP, RebuildProgress.NONE);
    }
  }

  private Subject subject(Case one, Finding finding) {
    return one.rule().when() == Symptom.FUNCTION_FAILED
        ? Subject.of(platform.description().device(one.subject()), Optional.of(finding.partition()))
        : Subject.ofPartition(one.subject());
  }

  private void tell(Case one, Finding finding, RepairStep step, Optional<String> failure) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("step", step.word());
    fields.put("attempt", one.course().attempts());
    fields.put("of", one.rule().attempts());
    fields.put("outcome", failure.isPresent() ? "failed" : "done");
    fields.put("found", finding.why());
    failure.ifPresent(text -> fields.put("why", text));
    platform
        .events()
        .publish(
            EventType.HEALTH_REPAIR,
            failure.isPresent() ? Severity.ERROR : Severity.WARNING,
            subject(one, finding),
            "%s: %s; %s%s, attempt %d of %d"
                .formatted(
                    one.subject(),
                    finding.why(),
                    step.word(),
                    failure.map(text -> " failed (" + text + ")").orElse(""),
                    one.course().attempts(),
                    one.rule().attempts()),
            fields);
  }

  private void tellGivenUp(Case one, Finding finding) {
    platform
        .events()
        .publish(
            EventType.HEALTH_REPAIR,
            Severity.CRITICAL,
            subject(one, finding),
            "%s: %s; %d attempts did not help, it is left as it is"
                .formatted(one.subject(), finding.why(), one.course().attempts()),
            Map.of("outcome", "given-up", "attempt", one.course().attempts()));
  }

  /// Ends: no step is begun any more, one that is under way goes on for five seconds at most.
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
