package dev.portcullis.vmm.filter.run;

import dev.portcullis.vmm.filter.Hook;
import dev.portcullis.vmm.filter.rule.Chain;
import dev.portcullis.vmm.filter.rule.Chain.Base;
import dev.portcullis.vmm.filter.rule.Chain.Policy;
import dev.portcullis.vmm.filter.rule.Element;
import dev.portcullis.vmm.filter.rule.Field;
import dev.portcullis.vmm.filter.rule.NamedSet;
import dev.portcullis.vmm.filter.rule.Operand.Inline;
import dev.portcullis.vmm.filter.rule.Operand.Named;
import dev.portcullis.vmm.filter.rule.Part;
import dev.portcullis.vmm.filter.rule.Part.Counter;
import dev.portcullis.vmm.filter.rule.Part.Flags;
import dev.portcullis.vmm.filter.rule.Part.Goto;
import dev.portcullis.vmm.filter.rule.Part.Jump;
import dev.portcullis.vmm.filter.rule.Part.Limit;
import dev.portcullis.vmm.filter.rule.Part.Log;
import dev.portcullis.vmm.filter.rule.Part.Match;
import dev.portcullis.vmm.filter.rule.Part.Reject;
import dev.portcullis.vmm.filter.rule.Part.Simple;
import dev.portcullis.vmm.filter.rule.Rule;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.Table;
import dev.portcullis.vmm.filter.run.CompiledChain.CompiledRule;
import dev.portcullis.vmm.filter.run.CompiledChain.Ending;
import dev.portcullis.vmm.filter.run.CompiledChain.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Makes a checked ruleset ready to judge by.
final class Compiler {
  private final LongSupplier nanoClock;
  private final Consumer<LogEntry> log;
  private final List<Tally> tallies = new ArrayList<>();
  private final List<Seat> seats = new ArrayList<>();
  private boolean tracks;

  /// A base chain's place among those of all tables.
  private record Seat(Base base, CompiledChain chain) {}

  private Compiler(LongSupplier nanoClock, Consumer<LogEntry> log) {
    this.nanoClock = nanoClock;
    this.log = log;
  }

  /// @param ruleset checked
  static Program compile(Ruleset ruleset, LongSupplier nanoClock, Consumer<LogEntry> log) {
    Compiler compiler = new Compiler(nanoClock, log);
    ruleset.tables().forEach(compiler::compile);
    compiler.seats.sort(Comparator.comparingInt(seat -> seat.base.priority()));
    Map<Hook, List<CompiledChain>> chains = new EnumMap<>(Hook.class);
    for (Seat seat : compiler.seats) {
      chains.computeIfAbsent(seat.base.hook(), hook -> new ArrayList<>()).add(seat.chain);
    }
    return new Program(ruleset, chains, compiler.tallies, compiler.tracks);
  }

  private void compile(Table table) {
    Map<String, List<Element>> sets = new HashMap<>();
    for (NamedSet set : table.sets()) {
      sets.put(set.name(), set.elements());
    }
    Map<String, CompiledChain> chains = new HashMap<>();
    for (Chain chain : table.chains()) {
      boolean accepts = chain.base().filter(base -> base.policy() == Policy.ACCEPT).isPresent();
      CompiledChain compiled = new CompiledChain(accepts);
      chains.put(chain.name(), compiled);
      chain.base().ifPresent(base -> seats.add(new Seat(base, compiled)));
    }
    for (Chain chain : table.chains()) {
      CompiledRule[] rules = new CompiledRule[chain.rules().size()];
      for (int i = 0; i < rules.length; i++) {
        rules[i] = compile(chain.rules().get(i), chains, sets);
      }
      chains.get(chain.name()).fill(rules);
    }
  }

  private CompiledRule compile(
      Rule rule, Map<String, CompiledChain> chains, Map<String, List<Element>> sets) {
    List<Step> steps = new ArrayList<>();
    Ending ending = new Ending.Decide(Outcome.NEXT);
    for (Part part : rule.parts()) {
      switch (part) {
        case Match match -> steps.add(compile(match, sets));
        case Flags flags -> steps.add(new FlagStep(flags));
        case Limit limit -> steps.add(new LimitStep(limit, nanoClock));
        case Counter counter -> {
          Tally tally = new Tally(counter);
          tallies.add(tally);
          steps.add(tally);
        }
        case Log(String prefix) -> steps.add(logging(prefix));
        case Simple simple -> ending = new Ending.Decide(outcome(simple));
        case Reject reject -> ending = new Ending.Refuse(reject.with());
        case Jump(String chain) -> ending = new Ending.Call(chains.get(chain));
        case Goto(String chain) -> ending = new Ending.Continue(chains.get(chain));
      }
    }
    return new CompiledRule(steps.toArray(Step[]::new), ending);
  }

  private static Outcome outcome(Simple simple) {
    return switch (simple) {
      case ACCEPT -> Outcome.ACCEPT;
      case DROP -> Outcome.DROP;
      case RETURN -> Outcome.RETURN;
    };
  }

  private Step compile(Match match, Map<String, List<Element>> sets) {
    if (match.field() == Field.CONNECTION_STATE) {
      tracks = true;
    }
    List<Element> elements =
        switch (match.operand()) {
          case Inline(List<Element> inline) -> inline;
          case Named(String set) -> sets.get(set);
        };
    return MatchSteps.of(match.field(), match.comparison(), elements);
  }

  private Step logging(String prefix) {
    return of -> {
      log.accept(new LogEntry(prefix, of.hook(), of.in(), of.out(), of.vlanId(), of.packet()));
      return true;
    };
  }
}
