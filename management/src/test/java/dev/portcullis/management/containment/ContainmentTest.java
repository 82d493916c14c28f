package dev.portcullis.management.containment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainmentTest {
  private static final ContainmentDescription DESCRIPTION =
      new ContainmentDescription(
          List.of("user", "other"),
          false,
          Map.of(
              ContainmentState.SUSPECTED, Duration.ofMinutes(5),
              ContainmentState.CONTAINED, Duration.ofHours(1),
              ContainmentState.REMEDIATING, Duration.ofMinutes(30),
              ContainmentState.VERIFIED, Duration.ofMinutes(10)),
          ContainmentState.CONTAINED,
          List.of());

  @TempDir private Path folder;
  private final RecordingEnforcement enforcement = new RecordingEnforcement();
  private final RecordingOutside outside = new RecordingOutside();
  private StateStore store;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private Containment containment;

  @BeforeEach
  void start() throws Exception {
    store = StateStore.open(folder.resolve("state"));
    restart();
  }

  private void restart() {
    containment = new Containment(DESCRIPTION, store, enforcement, outside, () -> now);
  }

  private ContainmentState state() {
    return containment.of("user").orElseThrow().state();
  }

  private void apply(Trigger... triggers) throws Exception {
    for (Trigger trigger : triggers) {
      containment.apply("user", trigger, "test");
    }
  }

  @Test
  void aClockThatIsSetBackOrForthWidensNothing() throws Exception {
    for (ContainmentState state :
        List.of(
            ContainmentState.CONTAINED,
            ContainmentState.REMEDIATING,
            ContainmentState.VERIFIED,
            ContainmentState.POWERED_OFF)) {
      for (Duration jump : List.of(Duration.ofDays(-36_500), Duration.ofDays(36_500))) {
        Instant before = now;
        lead(state);
        AccessLevel level = enforcement.level("user");
        now = now.plus(jump);
        containment.expire();
        restart();
        containment.expire();
        assertThat(enforcement.level("user"))
            .as("%s, %s", state, jump)
            .isGreaterThanOrEqualTo(level);
        now = before;
        apply(Trigger.POWER_OFF, Trigger.RELEASE, Trigger.RELEASE);
      }
    }
  }

  @Test
  void thereIsAWayThroughAllOfIt() throws Exception {
    apply(Trigger.SUSPECT, Trigger.CONTAIN, Trigger.REMEDIATE, Trigger.VERIFY, Trigger.CLEAR);
    assertThat(outside.changes)
        .containsExactly(
            "user: normal, suspect -> suspected",
            "user: suspected, contain -> contained",
            "user: contained, remediate -> remediating",
            "user: remediating, verify -> verified",
            "user: verified, clear -> normal");
    assertThat(enforcement.level("user")).isEqualTo(AccessLevel.UNRESTRICTED);
    assertThat(enforcement.level("other")).isEqualTo(AccessLevel.UNRESTRICTED);
  }

  @ParameterizedTest
  @CsvSource({
    "NORMAL, UNRESTRICTED",
    "SUSPECTED, UNRESTRICTED",
    "CONTAINED, REMEDIATION",
    "REMEDIATING, REMEDIATION",
    "VERIFIED, REMEDIATION",
    "POWERED_OFF, NONE"
  })
  void eachStateHasItsAccessAlsoAfterASuddenEnd(ContainmentState state, AccessLevel level)
      throws Exception {
    lead(state);
    assertThat(enforcement.level("user")).isEqualTo(level);
    restart();
    assertThat(state()).isEqualTo(state);
    assertThat(enforcement.level("user")).isEqualTo(level);
  }

  private void lead(ContainmentState to) throws Exception {
    switch (to) {
      case NORMAL -> apply();
      case SUSPECTED -> apply(Trigger.SUSPECT);
      case CONTAINED -> apply(Trigger.CONTAIN);
      case REMEDIATING -> apply(Trigger.CONTAIN, Trigger.REMEDIATE);
      case VERIFIED -> apply(Trigger.CONTAIN, Trigger.REMEDIATE, Trigger.VERIFY);
      case POWERED_OFF -> apply(Trigger.POWER_OFF);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NORMAL, CLEAR",
    "NORMAL, REMEDIATE",
    "NORMAL, VERIFY",
    "NORMAL, RELEASE",
    "NORMAL, EXPIRE",
    "SUSPECTED, REMEDIATE",
    "SUSPECTED, VERIFY",
    "CONTAINED, CLEAR",
    "CONTAINED, VERIFY",
    "REMEDIATING, CLEAR",
    "REMEDIATING, REMEDIATE",
    "REMEDIATING, RELEASE",
    "VERIFIED, REMEDIATE",
    "VERIFIED, VERIFY",
    "POWERED_OFF, CLEAR",
    "POWERED_OFF, REMEDIATE",
    "POWERED_OFF, VERIFY",
    "POWERED_OFF, EXPIRE"
  })
  void whatMustNotComeIsRefusedAndTold(ContainmentState state, Trigger trigger) throws Exception {
    lead(state);
    String why = "partition user is %s: %s is not possible".formatted(state.word(), trigger.word());
    assertThatThrownBy(() -> apply(trigger))
        .isInstanceOf(RefusedTransitionException.class)
        .hasMessage(why);
    assertThat(outside.refusals).containsExactly(why);
    assertThat(state()).isEqualTo(state);
  }

  @ParameterizedTest
  @CsvSource({
    "SUSPECTED, PT5M, CONTAINED",
    "CONTAINED, PT1H, POWERED_OFF",
    "REMEDIATING, PT30M, CONTAINED",
    "VERIFIED, PT10M, CONTAINED"
  })
  void timeThatIsUpLeadsToWhatIsStricter(ContainmentState from, Duration limit, ContainmentState to)
      throws Exception {
    lead(from);
    now = now.plus(limit).minusMillis(1);
    restart();
    containment.expire();
    assertThat(state()).isEqualTo(from);
    now = now.plusMillis(1);
    containment.expire();
    assertThat(state()).isEqualTo(to);
    assertThat(enforcement.level("user")).isEqualTo(to.access());
    assertThat(containment.of("other").orElseThrow().state()).isEqualTo(ContainmentState.NORMAL);
  }

  @Test
  void whoIsOffIsSwitchedOffAgainAfterASuddenEnd() throws Exception {
    apply(Trigger.POWER_OFF);
    restart();
    assertThat(outside.switchedOff).containsExactly("user", "user");
    apply(Trigger.RELEASE);
    assertThat(state()).as("it may begin, contained").isEqualTo(ContainmentState.CONTAINED);
  }

  @Test
  void whatIsDamagedCountsAsOff() throws Exception {
    apply(Trigger.CONTAIN);
    Path file = folder.resolve("state").resolve("containment.user.state");
    Files.writeString(file, Files.readString(file).replace("contained", "normal"));
    restart();
    assertThat(state()).isEqualTo(ContainmentState.POWERED_OFF);
    assertThat(enforcement.level("user")).isEqualTo(AccessLevel.NONE);
    assertThat(outside.troubles).hasSize(1);
  }

  @Test
  void whatCannotBeKeptNarrowsAllTheSameAndDoesNotWiden() throws Exception {
    Files.delete(folder.resolve("state").resolve("containment.user.state.next").getParent());
    apply(Trigger.CONTAIN);
    assertThat(state()).isEqualTo(ContainmentState.CONTAINED);
    assertThat(enforcement.level("user")).isEqualTo(AccessLevel.REMEDIATION);

    assertThatThrownBy(() -> apply(Trigger.RELEASE)).isInstanceOf(StateException.class);
    assertThat(state()).isEqualTo(ContainmentState.CONTAINED);
    assertThat(enforcement.level("user")).isEqualTo(AccessLevel.REMEDIATION);
  }

  @Test
  void reasonsCannotForgeWhatIsKept() throws Exception {
    containment.apply("user", Trigger.CONTAIN, "x\n2026\nnormal\u001b[2J\u202e" + "y".repeat(9999));
    restart();
    assertThat(state()).isEqualTo(ContainmentState.CONTAINED);
    assertThat(containment.of("user").orElseThrow().reason())
        .startsWith("x 2026 normal?[2J?yyy")
        .hasSize(500);
  }

  @Test
  void whoCannotBeContainedIsSaid() {
    assertThatThrownBy(() -> containment.apply("services", Trigger.CONTAIN, "test"))
        .hasMessage("partition services cannot be contained");
    assertThat(containment.of("services")).isEmpty();
  }
}
