package dev.portcullis.management.access;

import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.access.Expression.UndecidedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Rules about the access of partitions, asked in their order: the first one that holds decides.
/// One that cannot be decided denies access, and so does a policy of which no rule holds.
///
/// Nothing of it changes; for any thread.
public final class Policy {
  private final String name;
  private final List<PolicyRule> rules;

  Policy(String name, List<PolicyRule> rules) {
    this.name = name;
    this.rules = List.copyOf(rules);
  }

  /// What its file calls it.
  public String name() {
    return name;
  }

  /// What it says about a partition of which these facts are known.
  public AccessDecision decide(Facts facts) {
    List<String> trace = new ArrayList<>();
    for (PolicyRule rule : rules) {
      try {
        boolean holds = rule.condition().holds(facts);
        trace.add("%s: %s is %s".formatted(rule.name(), rule.text(), holds));
        if (holds) {
          return new AccessDecision(
              rule.verdict(), rule.conditions(), Optional.of(rule.name()), rule.reason(), trace);
        }
      } catch (UndecidedException e) {
        trace.add("%s: %s: %s".formatted(rule.name(), rule.text(), e.getMessage()));
        return denied(
            Optional.of(rule.name()),
            "rule %s cannot be decided: %s".formatted(rule.name(), e.getMessage()),
            trace);
      }
    }
    return denied(Optional.empty(), "no rule of policy %s holds".formatted(name), trace);
  }

  private static AccessDecision denied(Optional<String> rule, String why, List<String> trace) {
    return new AccessDecision(Verdict.DENIED, Optional.empty(), rule, why, trace);
  }
}
