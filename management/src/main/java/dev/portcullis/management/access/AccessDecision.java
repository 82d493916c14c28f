package dev.portcullis.management.access;

import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.management.enforcement.NetworkAccess;
import dev.portcullis.vmm.filter.rule.Ruleset;
import java.util.List;
import java.util.Optional;

/// What a policy says about a partition.
///
/// @param verdict how much it may
/// @param conditions rules to be in force; there if, and only if, the verdict is conditional
/// @param rule that decided; empty if none did
/// @param reason in words
/// @param trace what was asked until then, a line each
public record AccessDecision(
    Verdict verdict,
    Optional<Ruleset> conditions,
    Optional<String> rule,
    String reason,
    List<String> trace) {

  /// How much a partition may.
  public enum Verdict {
    UNRESTRICTED,
    CONDITIONAL,
    DENIED
  }

  public AccessDecision {
    trace = List.copyOf(trace);
    if (conditions.isPresent() != (verdict == Verdict.CONDITIONAL)) {
      throw new IllegalArgumentException(verdict + " with conditions " + conditions);
    }
  }

  /// What the policy enforcement point is to do: who is denied access still reaches help.
  public NetworkAccess toNetworkAccess() {
    return switch (verdict) {
      case UNRESTRICTED -> NetworkAccess.of(AccessLevel.UNRESTRICTED, reason);
      case CONDITIONAL -> NetworkAccess.conditional(conditions.orElseThrow(), reason);
      case DENIED -> NetworkAccess.of(AccessLevel.REMEDIATION, reason);
    };
  }
}
