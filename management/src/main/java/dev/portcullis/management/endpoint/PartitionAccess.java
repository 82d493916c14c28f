package dev.portcullis.management.endpoint;

import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.access.Facts;
import dev.portcullis.management.endpoint.AccessStatus.Decided;
import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.management.enforcement.Enforcement;
import dev.portcullis.management.enforcement.Enforcement.Demander;
import dev.portcullis.management.enforcement.NetworkAccess;
import dev.portcullis.management.posture.PostureBroker;
import dev.portcullis.management.posture.PostureBroker.Collected;
import dev.portcullis.management.posture.PostureReport;
import dev.portcullis.management.posture.ReportRefusedException;
import dev.portcullis.management.posture.ReportVerifier;
import dev.portcullis.management.remediation.Remediation;
import dev.portcullis.management.remediation.RemediationException;
import dev.portcullis.management.remediation.RemediationStep;
import dev.portcullis.management.state.StateException;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.platform.RunningPartition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

/// The access of one partition, on a thread of its own: what one of them does or does not do keeps
/// no other waiting.
final class PartitionAccess implements AutoCloseable {
  private static final Duration COLLECTION_LIMIT = Duration.ofSeconds(60);
  private static final int MOST_ATTEMPTS = 3;

  private final RunningPartition partition;
  private final Parts parts;
  private final StageNews news;
  private final Thread thread;

  /// How often each step was done since the partition needed none.
  private final Map<String, Integer> attempts = new HashMap<>();

  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile Optional<Decided> decided = Optional.empty();
  private volatile Optional<Instant> next = Optional.empty();
  private long asked = 1;
  private long answered;

  /// What all partitions' have in common.
  record Parts(
      PostureBroker broker,
      ReportVerifier verifier,
      PolicyKeeper policy,
      Enforcement enforcement,
      Remediation remediation,
      List<RemediationStep> steps,
      Duration every,
      InstantSource clock,
      BiConsumer<String, AccessDecision> decided) {}

  PartitionAccess(RunningPartition partition, Parts parts, StageNews news) {
    this.partition = partition;
    this.parts = parts;
    this.news = news;
    this.thread =
        Thread.ofPlatform().daemon().name(partition.name() + " access").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// The latest decision; none if the partition does not run.
  Optional<AccessDecision> decision() {
    return decided.map(Decided::decision);
  }

  /// Where it stands.
  AccessStatus status() {
    return new AccessStatus(
        name(),
        parts.enforcement().inForce(name()),
        decided,
        stepsNow().stream().map(RemediationStep::name).toList(),
        next);
  }

  /// The steps that are done about what was decided last.
  List<RemediationStep> stepsNow() {
    return decision().map(this::steps).orElseGet(List::of);
  }

  private List<RemediationStep> steps(AccessDecision of) {
    String rule = of.rule().orElse("");
    return of.verdict() == Verdict.UNRESTRICTED
        ? List.of()
        : parts.steps().stream().filter(step -> step.isFor(rule)).toList();
  }

  /// Something has happened: it is to be looked at soon.
  synchronized void wake() {
    asked++;
    notifyAll();
  }

  /// The partition has ended: whatever begins in its place has no access before it is decided.
  void hasEnded() {
    ended.set(true);
    wake();
  }

  /// Looks at it, and waits for that.
  ///
  /// @return the decision; none if there is none within `limit`
  Optional<AccessDecision> reevaluate(Duration limit) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    synchronized (this) {
      long mine = ++asked;
      notifyAll();
      while (answered < mine) {
        long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
        if (leftMillis <= 0) {
          return Optional.empty();
        }
        wait(leftMillis);
      }
    }
    return decision();
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        long turn = awaitDue();
        cycle();
        synchronized (this) {
          answered = turn;
          notifyAll();
        }
      }
    } catch (InterruptedException e) {
      // Closed: what is in force stays so.
    }
  }

  private synchronized long awaitDue() throws InterruptedException {
    long dueNanos = System.nanoTime() + parts.every().toNanos();
    next = Optional.of(parts.clock().instant().plus(parts.every()));
    while (asked == answered) {
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(dueNanos - System.nanoTime());
      if (leftMillis <= 0) {
        asked++;
      } else {
        wait(leftMillis);
      }
    }
    return asked;
  }

  private void cycle() throws InterruptedException {
    Set<String> tried = new HashSet<>();
    do {
      Phase phase = partition.engine().state().phase();
      if (phase == Phase.PAUSED) {
        // It sends nothing, and could not answer: it goes on with what it has.
        return;
      }
      if (phase != Phase.RUNNING) {
        decided = Optional.empty();
        enforce(NetworkAccess.of(AccessLevel.NONE, "partition " + name() + " does not run"));
        return;
      }
      if (ended.getAndSet(false)) {
        enforce(NetworkAccess.of(AccessLevel.NONE, "it has begun anew: not decided yet"));
      }
      Decided next = evaluate().after(decided);
      news.decided(next.decision());
      enforce(next.decision().toNetworkAccess());
      decided = Optional.of(next);
      parts.decided().accept(name(), next.decision());
    } while (remediate(tried));
  }

  private String name() {
    return partition.name();
  }

  private Decided evaluate() throws InterruptedException {
    Instant now = parts.clock().instant();
    try {
      PostureReport report = report();
      long age = Duration.between(report.collected(), parts.clock().instant()).toSeconds();
      Facts facts =
          new Facts(name(), report.facts())
              .with("report", Map.of("age", age, "sequence", report.sequence()));
      return new Decided(parts.policy().decide(facts), facts, now, now);
    } catch (ReportRefusedException e) {
      news.refused(e);
      return new Decided(denied(e), Facts.of(name()), now, now);
    } catch (VmmException | StateException | RuntimeException e) {
      // What nobody foresaw must not let anybody in.
      return new Decided(denied(e), Facts.of(name()), now, now);
    }
  }

  private PostureReport report()
      throws VmmException, StateException, ReportRefusedException, InterruptedException {
    String challenge = parts.verifier().challenge(name());
    Collected collected = parts.broker().collect(name(), challenge, COLLECTION_LIMIT);
    news.collected(collected);
    collected.refused().ifPresent(news::refused);
    PostureReport report =
        parts
            .verifier()
            .accept(name(), parts.broker().report(name(), challenge, collected.facts()));
    news.reported(report);
    return report;
  }

  private static AccessDecision denied(Exception why) {
    return AccessDecision.undecided("there is no report to go by: " + why.getMessage());
  }

  private void enforce(NetworkAccess access) {
    try {
      parts.enforcement().demand(Demander.ACCESS, name(), access);
      news.enforced(parts.enforcement().inForce(name()));
    } catch (StateException e) {
      news.notEnforced(e);
    }
  }

  /// Does the next step that there is to do.
  ///
  /// @param tried steps of this turn; this one is added
  /// @return whether something was done, so that it is to be looked at again
  private boolean remediate(Set<String> tried) throws InterruptedException {
    List<RemediationStep> steps = stepsNow();
    attempts.keySet().retainAll(steps.stream().map(RemediationStep::name).toList());
    for (RemediationStep step : steps) {
      if (tried.add(step.name()) && mayTry(step) && run(step)) {
        return true;
      }
    }
    return false;
  }

  private boolean mayTry(RemediationStep step) {
    int attempt = attempts.merge(step.name(), 1, Integer::sum);
    if (attempt == MOST_ATTEMPTS + 1) {
      news.givenUp(step);
    }
    return attempt <= MOST_ATTEMPTS;
  }

  private boolean run(RemediationStep step) throws InterruptedException {
    try {
      news.remediated(step, parts.remediation().run(name(), step));
      return true;
    } catch (RemediationException | RuntimeException e) {
      news.notRemediated(step, String.valueOf(e.getMessage()));
      return false;
    }
  }

  /// Ends with the partition: whatever comes in its place has no access before it is decided.
  void leave() {
    close();
    enforce(NetworkAccess.of(AccessLevel.NONE, "there is no partition " + name()));
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
