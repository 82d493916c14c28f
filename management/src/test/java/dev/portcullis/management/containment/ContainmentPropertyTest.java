package dev.portcullis.management.containment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.random.Seed;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Triggers come at random, time passes, disks fail, and it ends suddenly again and again. No
/// partition ever has wider access than its state allows, whenever one looks; after a sudden end
/// each stands where it stood, or stricter; no state lasts for longer than it may.
class ContainmentPropertyTest {
  private static final int STEPS = 20_000;
  private static final List<String> PARTITIONS = List.of("a", "b", "c");
  private static final Trigger[] TRIGGERS = Trigger.values();

  @TempDir private Path folder;
  private final RecordingEnforcement enforcement = new RecordingEnforcement();
  private final RecordingOutside outside = new RecordingOutside();
  private final SplittableRandom random = Seed.ofThisRun().random(11);
  private final Set<ContainmentState> seen = EnumSet.noneOf(ContainmentState.class);
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private StateStore store;
  private Containment containment;

  @Test
  void accessIsNeverWiderThanTheStateAllows() throws Exception {
    Map<ContainmentState, Duration> limits = new EnumMap<>(ContainmentState.class);
    limits.put(ContainmentState.SUSPECTED, Duration.ofSeconds(50));
    limits.put(ContainmentState.CONTAINED, Duration.ofSeconds(200));
    limits.put(ContainmentState.REMEDIATING, Duration.ofSeconds(100));
    limits.put(ContainmentState.VERIFIED, Duration.ofSeconds(70));
    ContainmentDescription description =
        new ContainmentDescription(
            PARTITIONS, false, limits, ContainmentState.CONTAINED, List.of());
    Path state = folder.resolve("state");
    store = StateStore.open(state);
    begin(description);
    // At each demand, the state that is said must not allow less than what is put in force.
    enforcement.onDemand((partition, access) -> {
      if (containment != null) {
        assertThat(containment.of(partition).orElseThrow().state().access())
            .isLessThanOrEqualTo(access.level());
      }
    });
    for (int step = 0; step < STEPS; step++) {
      String what = "%s, step %d".formatted(Seed.ofThisRun(), step);
      int choice = random.nextInt(100);
      if (choice < 70) {
        trigger();
      } else if (choice < 90) {
        now = now.plusSeconds(random.nextInt(60));
        containment.expire();
      } else if (choice < 95) {
        endSuddenly(description, what);
      } else {
        failDisk(state);
      }
      check(description, what);
    }
    assertThat(seen).containsExactlyInAnyOrder(ContainmentState.values());
  }

  private void begin(ContainmentDescription description) {
    containment = null;
    containment = new Containment(description, store, enforcement, outside, () -> now);
  }

  private void trigger() {
    String partition = PARTITIONS.get(random.nextInt(PARTITIONS.size()));
    ContainmentState before = containment.of(partition).orElseThrow().state();
    Trigger trigger = TRIGGERS[random.nextInt(TRIGGERS.length)];
    try {
      containment.apply(partition, trigger, "random");
    } catch (RefusedTransitionException | StateException e) {
      assertThat(containment.of(partition).orElseThrow().state()).isEqualTo(before);
    }
  }

  private void endSuddenly(ContainmentDescription description, String what) {
    Map<String, ContainmentState> before = new HashMap<>();
    for (String partition : PARTITIONS) {
      before.put(partition, containment.of(partition).orElseThrow().state());
    }
    begin(description);
    for (String partition : PARTITIONS) {
      assertThat(containment.of(partition).orElseThrow().state())
          .as(what)
          .isEqualTo(before.get(partition));
    }
  }

  /// A change that cannot be written; the disk is well again afterwards.
  private void failDisk(Path state) throws Exception {
    Path away = state.resolveSibling("away");
    Files.move(state, away);
    try {
      trigger();
    } finally {
      Files.move(away, state);
    }
    containment.expire();
  }

  private void check(ContainmentDescription description, String what) {
    for (String partition : PARTITIONS) {
      Standing standing = containment.of(partition).orElseThrow();
      seen.add(standing.state());
      assertThat(enforcement.level(partition))
          .as(what)
          .isGreaterThanOrEqualTo(standing.state().access());
      description
          .limit(standing.state())
          .ifPresent(limit ->
              assertThat(Duration.between(standing.since(), now))
                  .as(what)
                  .isLessThanOrEqualTo(limit.plusSeconds(60)));
    }
  }
}
