package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.random.Duel;
import dev.portcullis.kit.random.RandomUnit;
import dev.portcullis.kit.random.ScalableWorld;
import dev.portcullis.kit.random.Seed;
import dev.portcullis.kit.random.Shrinker;
import dev.portcullis.kit.random.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The unit and the naive walker agree on every request in scalable mode: on what becomes of it, on
/// what is recorded, and on the flags in memory.
class ScalableTranslationPropertyTest {
  private static final Seed SEED = Seed.ofThisRun();
  private static final int WORLDS = Integer.getInteger("worlds", 350);
  private static final int REQUESTS_PER_WORLD = 1_000;
  private static final int REQUESTS_PER_CHANGE = 10;

  /// What requests are refused for again and again; the others have tests of their own.
  private static final Set<Integer> REASONS =
      Set.of(
          0x30, 0x39, 0x3a, 0x40, 0x41, 0x42, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x50, 0x51, 0x52,
          0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x60, 0x70, 0x71, 0x72, 0x73, 0x75, 0x76, 0x78, 0x79,
          0x7a, 0x7b, 0x7c, 0x7d, 0x80, 0x81, 0x83, 0x84, 0x85, 0x86, 0x87, 0x89, 0x90, 0x91, 0xa0,
          0xa2, 0xa3, 0xa4, 0xa5);

  private static final int EVERYTHING = 1_000_000;
  private static final int OWED = 2_000_000;
  private static final int STALE = 3_000_000;

  /// One run: a unit of random capabilities, its random tables, and everything that happened.
  private static final class Run {
    private final int number;
    private final SplittableRandom random;
    private final TestMachine machine;
    private final ScalableWorld world;
    private final Duel duel;
    private final List<Step> steps = new ArrayList<>();
    private int successes;

    Run(int number) {
      this.number = number;
      this.random = SEED.random(number);
      this.machine = TestMachine.withUnit(new RandomUnit(random)::choose);
      this.world = new ScalableWorld(machine, random);
      this.duel = new Duel(machine, world);
      world.fill().forEach(this::take);
    }

    void take(Step step) {
      steps.add(step);
      complain(duel.take(step));
    }

    void request() {
      Step.Make make = world.request();
      take(make);
      successes += duel.lastSucceeded() ? 1 : 0;
    }

    private void complain(Optional<String> complaint) {
      complaint.ifPresent(text -> {
        List<Step> few = Shrinker.shrink(steps, fewer -> Run.fails(number, fewer));
        StringBuilder story = new StringBuilder();
        few.forEach(step -> story.append("\n  ").append(step));
        throw new AssertionError(
            "world %d, request %d, %s: %s; %s%s"
                .formatted(number, duel.requests(), SEED, text, machine.facts(), story));
      });
    }

    /// Whether the same unit goes wrong in `steps`, too.
    private static boolean fails(int number, List<Step> steps) {
      SplittableRandom random = SEED.random(number);
      TestMachine machine = TestMachine.withUnit(new RandomUnit(random)::choose);
      ScalableWorld world = new ScalableWorld(machine, random);
      Duel duel = new Duel(machine, world);
      return isOrderly(steps) && steps.stream().anyMatch(step -> duel.take(step).isPresent());
    }

    /// Whether everything that was left stale is invalidated before the next is.
    private static boolean isOrderly(List<Step> steps) {
      boolean stale = false;
      for (Step step : steps) {
        if (stale && step instanceof Step.Stale) {
          return false;
        }
        stale = step instanceof Step.Stale || stale && !(step instanceof Step.Invalidate);
      }
      return true;
    }
  }

  /// What all runs of a test came to. The runs themselves are given up, and their memory.
  private static final class Total {
    private final Map<Integer, Integer> reasons = new TreeMap<>();
    private int requests;
    private int successes;

    void add(Run run) {
      requests += run.duel.requests();
      successes += run.successes;
      run.duel.reasons().forEach((reason, count) -> reasons.merge(reason, count, Integer::sum));
    }

    void judge(String what) {
      System.out.printf(
          "%s: %,d requests, %,d successful, %s; refused: %s%n",
          what, requests, successes, SEED, inHexadecimal(reasons));
      assertThat(requests).isGreaterThanOrEqualTo(WORLDS * REQUESTS_PER_WORLD);
      assertThat(successes).as("the tables are not only hostile").isGreaterThan(requests / 8);
      assertThat(reasons.keySet()).as("what tables can be refused for").containsAll(REASONS);
    }

    private static String inHexadecimal(Map<Integer, Integer> reasons) {
      return reasons.entrySet().stream()
          .map(entry -> "%02xh %,d".formatted(entry.getKey(), entry.getValue()))
          .collect(Collectors.joining(", "));
    }
  }

  /// Runs one world after the other, each until there were enough requests.
  private static Total runs(int first, Consumer<Run> round) {
    Total total = new Total();
    for (int number = 0; number < WORLDS; number++) {
      Run run = new Run(first + number);
      while (run.duel.requests() < REQUESTS_PER_WORLD) {
        round.accept(run);
      }
      total.add(run);
    }
    return total;
  }

  private static void requests(Run run) {
    for (int i = 0; i < REQUESTS_PER_CHANGE; i++) {
      run.request();
    }
  }

  @Test
  void afterEverythingIsInvalidatedTheAnswerIsThatOfTheTables() {
    Total total =
        runs(
            EVERYTHING,
            run -> {
              requests(run);
              run.take(new Step.Mended(run.world.change().write(), run.world.everything()));
            });
    total.judge("all invalidated");
  }

  @Test
  void afterWhatSoftwareOwesIsInvalidatedTheAnswerIsThatOfTheTables() {
    Total total =
        runs(
            OWED,
            run -> {
              requests(run);
              run.take(new Step.Owing(run.world.change()));
            });
    total.judge("owed invalidated");
  }

  @Test
  void untilItIsInvalidatedTheAnswerIsThatOfTheTablesOrOfThoseOfBefore() {
    Total total =
        runs(
            STALE,
            run -> {
              requests(run);
              run.take(new Step.Stale(run.world.change().write()));
              requests(run);
              run.take(run.world.everything());
            });
    total.judge("not invalidated");
  }
}
