package dev.portcullis.management.containment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.containment.ContainmentDescription.Cause;
import dev.portcullis.management.containment.ContainmentDescription.Sign;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SignsTest {
  private static final long SECOND = 1_000_000_000;

  private static Signs signs(Sign... signs) {
    return new Signs(
        new ContainmentDescription(
            List.of("user"), false, Map.of(), ContainmentState.CONTAINED, List.of(signs)));
  }

  @Test
  void soManyWithinItsTimeAreASign() {
    Sign sign = new Sign(Cause.FAULT, 3, Duration.ofSeconds(10), Trigger.SUSPECT);
    Signs signs = signs(sign);
    assertThat(signs.count("user", Cause.FAULT, 0, 0)).isEmpty();
    assertThat(signs.count("user", Cause.FAULT, SECOND, 0)).isEmpty();
    assertThat(signs.count("user", Cause.FAULT, 11 * SECOND, 0)).as("anew").isEmpty();
    assertThat(signs.count("user", Cause.RATE, 11 * SECOND, 0)).isEmpty();
    assertThat(signs.count("user", Cause.FAULT, 12 * SECOND, 0)).isEmpty();
    assertThat(signs.count("other", Cause.FAULT, 12 * SECOND, 0)).isEmpty();
    assertThat(signs.count("user", Cause.FAULT, 21 * SECOND, 0)).contains(sign);
    assertThat(signs.count("user", Cause.FAULT, 21 * SECOND, 0)).as("told once").isEmpty();
  }

  @Test
  void differentTargetsCountAndTheSameOneDoesNot() {
    Sign sign = new Sign(Cause.SCAN, 64, Duration.ofSeconds(10), Trigger.CONTAIN);
    Signs signs = signs(sign);
    for (int i = 0; i < 10_000; i++) {
      assertThat(signs.count("user", Cause.SCAN, SECOND, 1 + i % 63)).isEmpty();
    }
    assertThat(signs.count("user", Cause.SCAN, SECOND, 64)).contains(sign);
  }

  @Test
  void whatAsksForMostIsAnswered() {
    Sign weak = new Sign(Cause.FAULT, 1, Duration.ofSeconds(1), Trigger.SUSPECT);
    Sign strong = new Sign(Cause.FAULT, 1, Duration.ofSeconds(1), Trigger.POWER_OFF);
    assertThat(signs(weak, strong, weak).count("user", Cause.FAULT, 0, 0)).contains(strong);
  }

  @Test
  void aFloodOfTargetsCostsNoMoreMemoryThanTheSignAsksFor() {
    SplittableRandom random = new SplittableRandom(3);
    for (int limit : new int[] {1, 2, 3, 63, 64, 65, 4096}) {
      DifferentKeys keys = new DifferentKeys(limit, SECOND);
      int signs = 0;
      for (int i = 0; i < 100_000; i++) {
        // High bits alone, low bits alone, and anything.
        long key = 1 | random.nextLong() << random.nextInt(64);
        signs += keys.count(0, key) ? 1 : 0;
      }
      assertThat(signs).as("of %d", limit).isLessThanOrEqualTo(1);
    }
    assertThat(Optional.of(new DifferentKeys(1, SECOND).count(0, 7))).contains(true);
  }
}
