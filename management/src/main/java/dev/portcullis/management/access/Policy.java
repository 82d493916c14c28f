package dev.portcullis.management.access;

import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.access.Expression.UndecidedException;
import dev.portcullis.vmm.filter.text.RulesetText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Rules about the access of partitions, asked in their order: the first one that holds decides.
/// One that cannot be decided denies access, and so does a policy of which no rule holds.
///
/// Nothing of it changes; for any thread.
public final class Policy {
  private static final int VERSION_BYTES = 6;

  private final String name;
  private final List<PolicyRule> rules;
  private final String version;

  Policy(String name, List<PolicyRule> rules) {
    this.name = name;
    this.rules = List.copyOf(rules);
    this.version = version(name, rules);
  }

  private static String version(String name, List<PolicyRule> rules) {
    StringBuilder all = new StringBuilder(name);
    for (PolicyRule rule : rules) {
      for (String part : List.of(rule.name(), rule.text(), rule.verdict().name(), rule.reason())) {
        all.append('\0').append(part);
      }
      all.append('\0').append(rule.conditions().map(RulesetText::print).orElse(""));
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(all.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, VERSION_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("each Java has SHA-256", e);
    }
  }

  /// What its file calls it.
  public String name() {
    return name;
  }

  /// The beginning of a SHA-256 over all that it says, the rules of its conditions too.
  public String version() {
    return version;
  }

  @Override
  public String toString() {
    return name + " " + version;
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
              rule.verdict(),
              rule.conditions(),
              Optional.of(toString()),
              Optional.of(rule.name()),
              rule.reason(),
              trace);
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

  private AccessDecision denied(Optional<String> rule, String why, List<String> trace) {
    return new AccessDecision(
        Verdict.DENIED, Optional.empty(), Optional.of(toString()), rule, why, trace);
  }
}
