package dev.portcullis.vmm.filter.rule;

import java.util.List;

/// Chains and the sets that they use; names mean something within their table only.
public record Table(String name, List<NamedSet> sets, List<Chain> chains) {
  public Table {
    sets = List.copyOf(sets);
    chains = List.copyOf(chains);
  }
}
