package dev.portcullis.vmm.filter.rule;

import dev.portcullis.vmm.filter.rule.Part.Goto;
import dev.portcullis.vmm.filter.rule.Part.Jump;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Follows the jumps of a table: each leads somewhere, none in circles, and no frame has to go
/// through more steps than it can in a bounded time, however chains multiply.
final class Jumps {
  /// Chains that are left to be gone on with, as in Linux.
  static final int MOST_DEPTH = 16;

  /// Parts of rules that one frame may have to go through.
  static final int MOST_STEPS = 100_000;

  private final Table table;
  private final Map<String, Chain> chains = new HashMap<>();
  private final Map<String, Extent> extents = new HashMap<>();

  /// How much a chain is, with all that it leads to.
  ///
  /// @param depth of jumps within each other; 0 without any
  /// @param steps at most
  private record Extent(int depth, long steps) {
    /// Of a chain that is being looked at.
    static final Extent OPEN = new Extent(-1, 0);

    Extent with(Extent inner) {
      long sum = Math.min(steps + inner.steps, MOST_STEPS + 1L);
      return new Extent(Math.max(depth, inner.depth + 1), sum);
    }

    Extent plus(int more) {
      return new Extent(depth, Math.min(steps + more, MOST_STEPS + 1L));
    }
  }

  private Jumps(Table table) {
    this.table = table;
    table.chains().forEach(chain -> chains.put(chain.name(), chain));
  }

  /// Looks at all chains of a table.
  ///
  /// @return how many steps a frame takes at most, at all hooks together
  static long check(Table table) throws RulesetException {
    Jumps jumps = new Jumps(table);
    long steps = 0;
    for (Chain chain : table.chains()) {
      Extent extent = jumps.extent(chain);
      steps += chain.base().isPresent() ? extent.steps : 0;
    }
    return steps;
  }

  private Extent extent(Chain chain) throws RulesetException {
    Extent known = extents.get(chain.name());
    if (known != null) {
      return known;
    }
    extents.put(chain.name(), Extent.OPEN);
    Extent extent = new Extent(0, 0);
    for (int i = 0; i < chain.rules().size(); i++) {
      Rule rule = chain.rules().get(i);
      extent = extent.plus(rule.parts().size());
      Optional<String> target = target(rule);
      if (target.isPresent()) {
        extent = extent.with(follow(Place.of(table, chain, i + 1), target.get()));
      }
      if (extent.depth > MOST_DEPTH) {
        throw new RulesetException(
            Place.of(table, chain, i + 1), "jumps are more than %d deep".formatted(MOST_DEPTH));
      }
    }
    extents.put(chain.name(), extent);
    return extent;
  }

  private static Optional<String> target(Rule rule) {
    if (rule.parts().isEmpty()) {
      return Optional.empty();
    }
    return switch (rule.parts().getLast()) {
      case Jump(String chain) -> Optional.of(chain);
      case Goto(String chain) -> Optional.of(chain);
      default -> Optional.empty();
    };
  }

  private Extent follow(Place place, String name) throws RulesetException {
    Chain target = chains.get(name);
    if (target == null) {
      throw new RulesetException(place, "there is no chain " + name);
    }
    if (target.base().isPresent()) {
      throw new RulesetException(place, name + " has a hook: nobody can jump there");
    }
    Extent extent = extent(target);
    if (extent == Extent.OPEN) {
      throw new RulesetException(place, "the jump to " + name + " leads back here");
    }
    return extent;
  }
}
