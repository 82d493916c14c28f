package dev.portcullis.vmm.fault;

import java.time.Duration;
import java.util.List;

/// What is to be done about certain faults. Rules stand in an order; a fault goes from one to the
/// next until one applies: it is for such faults, and they have come at its rate.
///
/// @param name for people; it is in every event about what the rule had done
/// @param rate that has to be reached, by each function for itself
/// @param actions in this order
/// @param coolDown how long the rule does nothing more about the same function (where it halts the
///   partition: the same partition; where it reboots: anything); a second or more
/// @param onFailure what else when an action fails
/// @param then whether later rules see the fault, too, when this one applies
public record FaultRule(
    String name,
    FaultMatch match,
    FaultRate rate,
    List<FaultAction> actions,
    Duration coolDown,
    OnFailure onFailure,
    Then then) {
  private static final Duration USUAL_COOL_DOWN = Duration.ofSeconds(10);
  private static final Duration LEAST_COOL_DOWN = Duration.ofSeconds(1);

  /// What is done when an action fails, besides telling it.
  public enum OnFailure {
    NOTHING,
    /// The next stronger action is tried, and so on.
    ESCALATE
  }

  /// What becomes of a fault that a rule applied to.
  public enum Then {
    END,
    CONTINUE
  }

  public FaultRule {
    actions = List.copyOf(actions);
    if (name.isBlank() || actions.isEmpty() || coolDown.compareTo(LEAST_COOL_DOWN) < 0) {
      throw new IllegalArgumentException(
          "rule \"%s\": %d actions, cool-down %s".formatted(name, actions.size(), coolDown));
    }
  }

  /// A rule for every single such fault, which ends it, with a cool-down of 10 seconds.
  public static FaultRule of(String name, FaultMatch match, FaultAction... actions) {
    return new FaultRule(
        name,
        match,
        FaultRate.EACH,
        List.of(actions),
        USUAL_COOL_DOWN,
        OnFailure.NOTHING,
        Then.END);
  }

  /// The same, once they come `count` times within `window`.
  public FaultRule atRate(int count, Duration window) {
    return new FaultRule(
        name, match, new FaultRate(count, window), actions, coolDown, onFailure, then);
  }

  /// The same with another cool-down.
  public FaultRule coolingDown(Duration time) {
    return new FaultRule(name, match, rate, actions, time, onFailure, then);
  }

  /// The same, trying stronger actions when one fails.
  public FaultRule escalating() {
    return new FaultRule(name, match, rate, actions, coolDown, OnFailure.ESCALATE, then);
  }

  /// The same, letting later rules see the fault, too.
  public FaultRule continuing() {
    return new FaultRule(name, match, rate, actions, coolDown, onFailure, Then.CONTINUE);
  }

  FaultAction strongest() {
    return actions.stream().max(Enum::compareTo).orElseThrow();
  }
}
