package dev.portcullis.vmm.filter.rule;

import dev.portcullis.vmm.filter.Hook;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Rules, one after the other.
///
/// @param base what makes frames come here by themselves; without it others have to jump here
public record Chain(String name, Optional<Base> base, List<Rule> rules) {
  public Chain {
    rules = List.copyOf(rules);
  }

  /// Where frames come from by themselves.
  ///
  /// @param priority chains of a hook are asked in this order, the lowest first
  /// @param policy what happens to a frame at the end of the chain
  public record Base(Hook hook, int priority, Policy policy) {}

  /// What happens to a frame that no rule decides on.
  public enum Policy {
    ACCEPT,
    DROP;

    /// As rulesets call it.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
