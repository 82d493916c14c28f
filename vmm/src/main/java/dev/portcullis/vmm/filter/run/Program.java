package dev.portcullis.vmm.filter.run;

import dev.portcullis.vmm.filter.Hook;
import dev.portcullis.vmm.filter.rule.Chain;
import dev.portcullis.vmm.filter.rule.Part;
import dev.portcullis.vmm.filter.rule.Part.Counter;
import dev.portcullis.vmm.filter.rule.Rule;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.Table;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// A ruleset made ready to judge by. Nothing of it changes but what it counts.
final class Program {
  private static final CompiledChain[] NONE = {};

  private final Ruleset source;
  private final Map<Hook, CompiledChain[]> chains = new EnumMap<>(Hook.class);
  private final List<Tally> tallies;
  private final boolean tracks;

  /// @param chains of each hook, in the order they are asked
  /// @param tallies of the counters, in the order that they have in the source
  /// @param tracks whether a rule asks for connections
  Program(
      Ruleset source, Map<Hook, List<CompiledChain>> chains, List<Tally> tallies, boolean tracks) {
    this.source = source;
    for (Hook hook : Hook.values()) {
      this.chains.put(hook, chains.getOrDefault(hook, List.of()).toArray(NONE));
    }
    this.tallies = List.copyOf(tallies);
    this.tracks = tracks;
  }

  CompiledChain[] chainsAt(Hook hook) {
    return chains.get(hook);
  }

  boolean tracks() {
    return tracks;
  }

  /// The source, its counters as they stand now.
  Ruleset withCounts() {
    Iterator<Tally> next = tallies.iterator();
    List<Table> tables = new ArrayList<>();
    for (Table table : source.tables()) {
      List<Chain> counted = new ArrayList<>();
      for (Chain chain : table.chains()) {
        List<Rule> rules = chain.rules().stream().map(rule -> counted(rule, next)).toList();
        counted.add(new Chain(chain.name(), chain.base(), rules));
      }
      tables.add(new Table(table.name(), table.sets(), counted));
    }
    return new Ruleset(tables);
  }

  private static Rule counted(Rule rule, Iterator<Tally> next) {
    List<Part> parts = new ArrayList<>();
    for (Part part : rule.parts()) {
      parts.add(part instanceof Counter ? next.next().now() : part);
    }
    return new Rule(parts, rule.comment());
  }
}
