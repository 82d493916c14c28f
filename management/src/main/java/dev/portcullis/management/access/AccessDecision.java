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
/// @param policy what decided: its name and version; empty if nothing could
/// @param rule of it that decided; empty if none did
/// @param reason in words
/// @param trace what was asked until then, a line each
public record AccessDecision(
    Verdict verdict,
    Optional<Ruleset> conditions,
    Optional<String> policy,
    Optional<String> rule,
    String reason,
    List<String> trace) {

  /// How much a partition may.
  public enum Verdict {
    UNRESTRICTED,
    CONDITIONAL,
    DENIED
  }

  /// Denied, for there is nothing that could decide.
  public static AccessDecision undecided(String reason) {
    return new AccessDecision(
        Verdict.DENIED, Optional.empty(), Optional.empty(), Optional.empty(), reason, List.of());
  }

  public AccessDecision {
    trace = List.copyOf(trace);
    if (conditions.isPresent() != (verdict == Verdict.CONDITIONAL)) {
      throw new IllegalArgumentException(verdict + " with conditions " + conditions);
    }
  }

  /// Whether another says the same for the same reason.
  public boolean agreesWith(AccessDecision other) {
    return verdict == other.verdict && rule.equals(other.rule) && reason.equals(other.reason);
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
