package dev.portcullis.vmm.fault;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.fault.FaultEvent.Refused;
import java.util.HashMap;
import java.util.Map;

/// What a rule remembers of functions: how often they were refused, and what it has done lately.
final class RuleState {
  /// Beyond that, what is no longer of use is forgotten.
  private static final int MOST = 1024;

  private final FaultRule rule;
  private final Map<RequesterId, Window> windows = new HashMap<>();
  private final Map<Object, CoolDown> coolDowns = new HashMap<>();

  private static final class CoolDown {
    long endNanos;
    long suppressed;
  }

  /// Whether a rule applies to a fault.
  enum Verdict {
    /// Not for such faults, or not enough of them.
    PASSES,
    /// It has done what it does, not long ago.
    COOLS_DOWN,
    APPLIES
  }

  RuleState(FaultRule rule) {
    this.rule = rule;
  }

  FaultRule rule() {
    return rule;
  }

  /// Counts `fault`, if it is for the rule.
  Verdict judge(Refused fault, long nowNanos) {
    if (!rule.match().fits(fault)) {
      return Verdict.PASSES;
    }
    if (rule.rate().count() > 1) {
      Window window =
          windows.computeIfAbsent(
              fault.function(), at -> new Window(rule.rate().window().toNanos(), nowNanos));
      if (window.count(nowNanos) < rule.rate().count()) {
        forget(nowNanos);
        return Verdict.PASSES;
      }
    }
    CoolDown cooling = coolDowns.get(target(fault));
    if (cooling != null && nowNanos - cooling.endNanos < 0) {
      cooling.suppressed++;
      return Verdict.COOLS_DOWN;
    }
    return Verdict.APPLIES;
  }

  /// The rule's actions are being taken: begins to cool down.
  ///
  /// @return how often it would have applied while it cooled down before
  long begin(Refused fault, long nowNanos) {
    CoolDown cooling = coolDowns.computeIfAbsent(target(fault), at -> new CoolDown());
    cooling.endNanos = nowNanos + rule.coolDown().toNanos();
    long suppressed = cooling.suppressed;
    cooling.suppressed = 0;
    windows.remove(fault.function());
    forget(nowNanos);
    return suppressed;
  }

  /// What is not to be acted on again soon.
  private Object target(Refused fault) {
    return switch (rule.strongest()) {
      case MESSAGE, STOP_DEVICE -> fault.function();
      case HALT_PARTITION ->
          fault.partition().isPresent() ? fault.partition().get() : fault.function();
      case REBOOT_PLATFORM -> "the platform";
    };
  }

  private void forget(long nowNanos) {
    if (windows.size() > MOST) {
      windows.values().removeIf(window -> window.isEmpty(nowNanos));
    }
    if (coolDowns.size() > MOST) {
      coolDowns.values().removeIf(one -> nowNanos - one.endNanos >= 0);
    }
  }

  /// How many functions and targets it remembers.
  int size() {
    return windows.size() + coolDowns.size();
  }
}
