package dev.portcullis.vmm.filter.rule;

import dev.portcullis.vmm.filter.Hook;
import dev.portcullis.vmm.filter.rule.Chain.Base;
import dev.portcullis.vmm.filter.rule.Chain.Policy;
import java.util.List;
import java.util.Optional;

/// All rules there are, to be put in force as a whole.
public record Ruleset(List<Table> tables) {
  public Ruleset {
    tables = List.copyOf(tables);
  }

  /// The rules of who wants none: everything may pass.
  public static Ruleset acceptAll() {
    Base base = new Base(Hook.FORWARD, 0, Policy.ACCEPT);
    Chain chain = new Chain("forward", Optional.of(base), List.of());
    return new Ruleset(List.of(new Table("open", List.of(), List.of(chain))));
  }
}
