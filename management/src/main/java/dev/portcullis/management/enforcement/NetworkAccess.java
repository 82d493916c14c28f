package dev.portcullis.management.enforcement;

import dev.portcullis.vmm.filter.rule.Ruleset;
import java.util.Optional;

/// How much of the network somebody wants a partition to have.
///
/// @param rules there if, and only if, the level is [AccessLevel#CONDITIONAL]
/// @param reason in words, for people
public record NetworkAccess(AccessLevel level, Optional<Ruleset> rules, String reason) {
  public NetworkAccess {
    if (rules.isPresent() != (level == AccessLevel.CONDITIONAL)) {
      throw new IllegalArgumentException(
          level + " with" + (rules.isPresent() ? "" : "out") + " rules");
    }
  }

  /// Access that needs no rules.
  public static NetworkAccess of(AccessLevel level, String reason) {
    return new NetworkAccess(level, Optional.empty(), reason);
  }

  /// Access by rules.
  public static NetworkAccess conditional(Ruleset rules, String reason) {
    return new NetworkAccess(AccessLevel.CONDITIONAL, Optional.of(rules), reason);
  }
}
