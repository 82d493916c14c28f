package dev.portcullis.management.remediation;

import java.nio.file.Path;
import java.util.Set;

/// Something that is done about a partition when a rule of the policy has decided.
///
/// @param name for people
/// @param rules of the policy; every one that restricts if empty
/// @param action what is done
public record RemediationStep(String name, Set<String> rules, Action action) {

  /// What can be done.
  public sealed interface Action {
    /// The partition fetches a package from the host that helps, and installs it.
    ///
    /// @param file the package
    record Install(Path file) implements Action {}

    /// The partition restarts a service.
    record Restart(String service) implements Action {}

    /// Nothing but that it is looked at again.
    record Measure() implements Action {}

    /// The partition is rebuilt from its safe image. Its data is kept.
    record Rebuild() implements Action {}
  }

  public RemediationStep {
    rules = Set.copyOf(rules);
  }

  /// Whether it is for what the rule called `rule` has decided.
  public boolean isFor(String rule) {
    return rules.isEmpty() || rules.contains(rule);
  }
}
