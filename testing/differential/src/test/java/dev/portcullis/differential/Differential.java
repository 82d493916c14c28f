package dev.portcullis.differential;

import dev.portcullis.differential.Situation.Mode;
import dev.portcullis.kit.random.Seed;
import dev.portcullis.qtest.client.QtestException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/// Runs the same scenarios on two benches, and compares.
final class Differential {
  private static final int STEPS = 150;

  /// Makes a scenario.
  @FunctionalInterface
  interface Maker {
    Scenario make(Software software, SplittableRandom random) throws QtestException;
  }

  /// What one bench showed of one scenario.
  private record Shown(
      List<Observation> seen, byte[] written, Map<Integer, Integer> requests, int staleUses) {}

  private final Seed seed;
  private final Mode mode;
  private final Maker maker;
  private final Comparison comparison = new Comparison();
  private final Map<Integer, Integer> requests = new TreeMap<>();
  private int staleUses;

  Differential(Seed seed, Mode mode, Maker maker) {
    this.seed = seed;
    this.mode = mode;
    this.maker = maker;
  }

  Comparison comparison() {
    return comparison;
  }

  /// How many requests there were, by the reason they were to be refused for; 0 for none.
  Map<Integer, Integer> requests() {
    return requests;
  }

  /// How often a translation was used that memory no longer has.
  int staleUses() {
    return staleUses;
  }

  /// How many requests there were.
  int dmas() {
    return requests.values().stream().mapToInt(Integer::intValue).sum();
  }

  /// Runs scenarios until there were at least `enough` requests.
  ///
  /// @throws AssertionError at the first difference that is not known
  void run(Bench ours, Bench theirs, int enough) throws Exception {
    for (int number = 0; dmas() < enough; number++) {
      int scenario = number;
      var there = CompletableFuture.supplyAsync(() -> play(theirs, scenario));
      Shown here = play(ours, scenario);
      compare(scenario, here, await(there));
      staleUses += here.staleUses();
      here.requests().forEach((reason, count) -> requests.merge(reason, count, Integer::sum));
    }
  }

  private static Shown await(CompletableFuture<Shown> shown) throws Exception {
    try {
      return shown.get();
    } catch (ExecutionException failed) {
      throw new AssertionError("QEMU", failed.getCause());
    }
  }

  private void compare(int number, Shown here, Shown there) {
    String difference = comparison.firstDifference(here.seen(), there.seen());
    int byteAt = Arrays.mismatch(here.written(), there.written());
    if (difference.isEmpty() && byteAt >= 0) {
      difference = "memory differs at byte %#x of what was written".formatted(byteAt);
    }
    if (!difference.isEmpty()) {
      throw new AssertionError("%s, %s, scenario %d: %s".formatted(seed, mode, number, difference));
    }
  }

  private Shown play(Bench bench, int number) {
    try {
      Trace trace = new Trace(mode);
      Software software = new Software(bench.client(), trace);
      software.placeDevices();
      Scenario scenario = maker.make(software, seed.random(number * 8L + mode.ordinal()));
      scenario.run(STEPS);
      bench.client().flush();
      return new Shown(
          trace.collect(), scenario.written(), scenario.requests(), scenario.staleUses());
    } catch (QtestException gone) {
      throw new CompletionException(gone);
    }
  }
}
