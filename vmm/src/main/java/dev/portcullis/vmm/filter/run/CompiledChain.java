package dev.portcullis.vmm.filter.run;

import dev.portcullis.vmm.filter.rule.RejectWith;

/// A chain at work.
final class CompiledChain {
  private static final CompiledRule[] NONE = {};

  /// What a rule or chain says of a frame.
  enum Outcome {
    ACCEPT,
    DROP,
    /// Nothing: the next rule is asked.
    NEXT,
    /// Nothing: whoever asked goes on.
    RETURN
  }

  /// What a rule does with a frame that all its steps let through.
  sealed interface Ending {
    /// Decides.
    record Decide(Outcome outcome) implements Ending {}

    /// Drops and tells.
    record Refuse(RejectWith with) implements Ending {}

    /// Asks another chain and goes on.
    record Call(CompiledChain chain) implements Ending {}

    /// Asks another chain instead.
    record Continue(CompiledChain chain) implements Ending {}
  }

  /// A rule at work.
  record CompiledRule(Step[] steps, Ending ending) {
    private Outcome ask(Judgement judgement) {
      for (Step step : steps) {
        if (!step.take(judgement)) {
          return Outcome.NEXT;
        }
      }
      return switch (ending) {
        case Ending.Decide(Outcome outcome) -> outcome;
        case Ending.Refuse(RejectWith with) -> {
          judgement.rejectWith(with);
          yield Outcome.DROP;
        }
        case Ending.Call(CompiledChain chain) -> {
          Outcome outcome = chain.ask(judgement);
          yield outcome == Outcome.RETURN ? Outcome.NEXT : outcome;
        }
        case Ending.Continue(CompiledChain chain) -> chain.ask(judgement);
      };
    }
  }

  private final boolean acceptsByPolicy;
  private CompiledRule[] rules = NONE;

  CompiledChain(boolean acceptsByPolicy) {
    this.acceptsByPolicy = acceptsByPolicy;
  }

  /// Gives the chain its rules: once, before anybody asks it.
  void fill(CompiledRule[] with) {
    rules = with;
  }

  /// Whether a frame passes this chain and those that it asks.
  boolean accepts(Judgement judgement) {
    return switch (ask(judgement)) {
      case ACCEPT -> true;
      case DROP -> false;
      case NEXT, RETURN -> acceptsByPolicy;
    };
  }

  private Outcome ask(Judgement judgement) {
    for (CompiledRule rule : rules) {
      Outcome outcome = rule.ask(judgement);
      if (outcome != Outcome.NEXT) {
        return outcome;
      }
    }
    return Outcome.RETURN;
  }
}
