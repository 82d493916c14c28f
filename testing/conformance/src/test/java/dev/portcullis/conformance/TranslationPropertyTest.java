package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.queue.Invalidator;
import dev.portcullis.kit.random.HostileTables;
import dev.portcullis.kit.random.Seed;
import dev.portcullis.kit.reference.Answer;
import dev.portcullis.kit.reference.NaiveWalker;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.policy.AddressWidth;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.policy.CacheSizes;
import dev.portcullis.unit.policy.LargePage;
import dev.portcullis.unit.request.Request;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The unit and the naive walker agree on every request: on what becomes of it, and on what is
/// recorded.
class TranslationPropertyTest {
  private static final Seed SEED = Seed.ofThisRun();
  private static final int WORLDS = 200;
  private static final int REQUESTS_PER_WORLD = 1_200;
  private static final int REQUESTS_PER_CHANGE = 12;
  private static final int REQUESTS_ON_GROWN_TABLES = 600;

  /// A unit of random capabilities and its random tables.
  private static final class World {
    private final int number;
    private final SplittableRandom random;
    private final TestMachine machine;
    private final HostileTables tables;
    private final NaiveWalker walker;
    private final Map<Request, Integer> successes = new EnumMap<>(Request.class);
    private int requests;

    World(int number) {
      this.number = number;
      random = SEED.random(number);
      machine = TestMachine.withUnit(this::choices).translating();
      tables = new HostileTables(machine, random);
      walker =
          new NaiveWalker(machine.facts(), machine.memory().map(), machine.configuration().bit62());
    }

    private UnitConfigurationBuilder choices(UnitConfigurationBuilder builder) {
      int haw = random.nextInt(42, 53);
      builder
          .hostAddressBits(haw)
          .guestAddressBits(random.nextInt(haw, 65))
          .domainIdBits(4 + 2 * random.nextInt(7))
          .addressWidths(widths())
          .largePages(pages())
          .bit62(random.nextBoolean() ? Bit62.RESERVED : Bit62.IGNORED)
          .caches(random.nextBoolean() ? CacheSizes.DEFAULT : new CacheSizes(4, 4, 4, 1, 4));
      for (Feature feature :
          List.of(
              Feature.ZERO_LENGTH_READ,
              Feature.SNOOP_CONTROL,
              Feature.PASS_THROUGH,
              Feature.QUEUED_INVALIDATION)) {
        if (random.nextInt(3) == 0) {
          builder.without(feature);
        }
      }
      return builder;
    }

    private Set<AddressWidth> widths() {
      Set<AddressWidth> widths = EnumSet.noneOf(AddressWidth.class);
      for (AddressWidth width : AddressWidth.values()) {
        if (random.nextInt(3) > 0) {
          widths.add(width);
        }
      }
      return widths.isEmpty() ? EnumSet.allOf(AddressWidth.class) : widths;
    }

    private Set<LargePage> pages() {
      return switch (random.nextInt(4)) {
        case 0 -> Set.of();
        case 1 -> Set.of(LargePage.MIB_2);
        default -> EnumSet.allOf(LargePage.class);
      };
    }

    /// Drops everything, in one way or another.
    void invalidate() {
      Invalidator with = machine.invalidate();
      if (random.nextBoolean()) {
        with.everything();
        return;
      }
      for (int id : tables.domainIds()) {
        with.contextDomain(id);
      }
      for (int id : tables.domainIds()) {
        with.iotlbDomain(id);
      }
    }

    /// One request, made to both.
    void request() {
      TestDevice device = tables.device();
      Request request = tables.request();
      long iova = tables.iova();
      Answer expected = walker.translate(machine.rootTable(), device.sourceId(), iova, request);
      Outcome outcome = device.request(request, iova);
      String what =
          "%s of %#x by %s, world %d, request %d, %s"
              .formatted(request, iova, device, number, requests++, SEED);
      assertThat(outcome).as(what).isEqualTo(expected.outcome());
      assertThat(machine.faults().take())
          .as(what)
          .containsExactlyElementsOf(expected.record().stream().toList());
      if (outcome.completion().isSuccess()) {
        successes.merge(request, 1, Integer::sum);
      }
    }
  }

  @Test
  void theUnitAgreesWithTheWalkerOverTablesThatChangeAndAreInvalidated() {
    int requests = 0;
    int successes = 0;
    for (int number = 0; number < WORLDS; number++) {
      World world = new World(number);
      world.tables.fill();
      while (world.requests < REQUESTS_PER_WORLD) {
        for (int i = 0; i < REQUESTS_PER_CHANGE; i++) {
          world.request();
        }
        world.tables.change();
        world.invalidate();
      }
      requests += world.requests;
      successes += world.successes.values().stream().mapToInt(Integer::intValue).sum();
    }
    System.out.printf("%,d requests, %,d successful, %s%n", requests, successes, SEED);
    assertThat(requests).isGreaterThanOrEqualTo(200_000);
    assertThat(successes).as("the tables are not only hostile").isGreaterThan(requests / 5);
  }

  @Test
  void theUnitAgreesWithTheWalkerOverTablesThatGrowAndAreNeverInvalidated() {
    int requests = 0;
    int successes = 0;
    for (int number = WORLDS; number < 2 * WORLDS; number++) {
      World world = new World(number);
      for (HostileTables.Slot slot : world.tables.shuffled()) {
        world.tables.write(slot);
        for (int i = 0; i < REQUESTS_PER_CHANGE; i++) {
          world.request();
        }
      }
      for (int i = 0; i < REQUESTS_ON_GROWN_TABLES; i++) {
        world.request();
      }
      requests += world.requests;
      successes += world.successes.values().stream().mapToInt(Integer::intValue).sum();
    }
    System.out.printf("%,d requests, %,d successful, %s%n", requests, successes, SEED);
    assertThat(requests).isGreaterThanOrEqualTo(200_000);
    assertThat(successes).as("the tables are not only hostile").isGreaterThan(requests / 20);
  }
}
