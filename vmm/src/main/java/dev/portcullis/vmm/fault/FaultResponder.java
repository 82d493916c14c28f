package dev.portcullis.vmm.fault;

import dev.portcullis.vmm.event.EventBus;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.fault.FaultEvent.Refused;
import dev.portcullis.vmm.fault.FaultRule.OnFailure;
import dev.portcullis.vmm.fault.FaultRule.Then;
import dev.portcullis.vmm.fault.RuleState.Verdict;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Holds every fault against rules, and has done what they say.
///
/// ```
///   desk ──▶ rules ──▶ waiting ──▶ thread ──▶ actions
///            (counts)  (bounded)      └──────▶ an event each
/// ```
///
/// Whoever reads faults only counts; actions, which take locks and time, are taken by a thread of
/// their own.
public final class FaultResponder implements Consumer<Refused>, AutoCloseable {
  private static final int MOST_WAITING = 256;
  private static final Duration CLOSING_PATIENCE = Duration.ofSeconds(5);

  private final List<RuleState> rules;
  private final Actions actions;
  private final EventBus bus;
  private final LongSupplier nanoClock;
  private final ArrayDeque<Work> waiting = new ArrayDeque<>();
  private final Thread thread;
  private long overrun;
  private boolean closed;

  private record Work(FaultRule rule, Refused fault, long suppressed) {}

  /// @param rules in their order
  /// @param bus told of every action
  /// @param nanoClock as [System#nanoTime]
  public FaultResponder(
      List<FaultRule> rules, Actions actions, EventBus bus, LongSupplier nanoClock) {
    this.rules = rules.stream().map(RuleState::new).toList();
    this.actions = actions;
    this.bus = bus;
    this.nanoClock = nanoClock;
    this.thread = Thread.ofPlatform().daemon().name("fault actions").start(this::run);
  }

  /// Holds a fault against the rules. Never waits for an action.
  @Override
  public synchronized void accept(Refused fault) {
    long now = nanoClock.getAsLong();
    for (RuleState state : rules) {
      Verdict verdict = state.judge(fault, now);
      if (verdict == Verdict.APPLIES) {
        begin(state, fault, now);
      }
      if (verdict != Verdict.PASSES && state.rule().then() == Then.END) {
        return;
      }
    }
  }

  /// A rule that finds no room does not cool down: the next fault finds it ready.
  private void begin(RuleState state, Refused fault, long now) {
    if (closed || waiting.size() == MOST_WAITING) {
      overrun++;
      return;
    }
    waiting.addLast(new Work(state.rule(), fault, state.begin(fault, now)));
    notifyAll();
  }

  private void run() {
    try {
      for (Work work = next(); work != null; work = next()) {
        act(work);
        tellOverrun();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Work next() throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    return closed ? null : waiting.pollFirst();
  }

  private void act(Work work) {
    Set<FaultAction> done = EnumSet.noneOf(FaultAction.class);
    for (FaultAction first : work.rule().actions()) {
      Optional<FaultAction> action = Optional.of(first);
      while (action.isPresent() && !done.contains(action.get())) {
        boolean worked = took(action.get(), work);
        if (worked) {
          done.add(action.get());
        }
        boolean goesOn = !worked && work.rule().onFailure() == OnFailure.ESCALATE;
        action = goesOn ? action.get().stronger() : Optional.empty();
      }
    }
  }

  /// Takes an action and tells of it.
  ///
  /// @return whether it worked
  private boolean took(FaultAction action, Work work) {
    try {
      take(action, work);
      tell(action, work, Optional.empty());
      return true;
    } catch (ActionFailedException e) {
      tell(action, work, Optional.of(e.getMessage()));
    } catch (RuntimeException e) {
      // A bug in one action must not keep the others from being taken.
      tell(action, work, Optional.of("a bug: " + e));
    }
    return false;
  }

  private void take(FaultAction action, Work work) throws ActionFailedException {
    Refused fault = work.fault();
    switch (action) {
      case MESSAGE -> actions.message("rule %s: %s".formatted(work.rule().name(), fault));
      case STOP_DEVICE -> actions.stopDevice(fault.function(), fault.partition());
      case HALT_PARTITION ->
          actions.haltPartition(
              fault
                  .partition()
                  .orElseThrow(() ->
                      new ActionFailedException(
                          "function %s belongs to no partition".formatted(fault.function()))));
      case REBOOT_PLATFORM -> actions.rebootPlatform();
    }
  }

  private void tell(FaultAction action, Work work, Optional<String> why) {
    Refused fault = work.fault();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("rule", work.rule().name());
    fields.put("action", action.word());
    fields.put("outcome", why.isPresent() ? "failed" : "done");
    why.ifPresent(text -> fields.put("why", text));
    fields.put("suppressed", work.suppressed());
    Severity severity = severity(action, fault);
    bus.publish(
        EventType.RULE_ACTION,
        why.isPresent() ? severity.worse() : severity,
        Subject.of(fault.function(), fault.partition()),
        "rule %s: %s%s for %s"
            .formatted(
                work.rule().name(),
                action.word(),
                why.map(text -> " failed (" + text + ")").orElse(""),
                fault),
        fields);
  }

  private static Severity severity(FaultAction action, Refused fault) {
    return switch (action) {
      case MESSAGE -> FaultClass.of(fault.record()).severity();
      case STOP_DEVICE -> Severity.ERROR;
      case HALT_PARTITION -> Severity.CRITICAL;
      case REBOOT_PLATFORM -> Severity.ALERT;
    };
  }

  private void tellOverrun() {
    long count = takeOverrun();
    if (count > 0) {
      bus.publish(
          EventType.RULE_OVERRUN,
          Severity.ERROR,
          Subject.PLATFORM,
          "%,d times there was no room for what a rule wants done".formatted(count),
          Map.of("count", count));
    }
  }

  private synchronized long takeOverrun() {
    long count = overrun;
    overrun = 0;
    return count;
  }

  /// How much it remembers of functions, over all rules.
  synchronized int remembered() {
    return rules.stream().mapToInt(RuleState::size).sum();
  }

  /// Ends the action that is being taken, within five seconds, and takes no more.
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      thread.join(CLOSING_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
