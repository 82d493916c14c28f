package dev.portcullis.management.containment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.containment.ContainmentDescription.Cause;
import dev.portcullis.management.containment.ContainmentDescription.Sign;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainmentFileTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices: [{name: nic, type: virtio-net, at: 00:03.0}]
      partitions:
        - {name: user, memory: 16M, runs: client}
        - {name: services, memory: 16M, runs: bridge, devices: [nic]}
      """;

  private static ContainmentDescription read(String containment) throws MachineFileException {
    return ManagementFile.parse(
            "test.yaml",
            Path.of("/"),
            "state: /s\ncontainment: " + containment,
            PlatformFile.parse("platform.yaml", Path.of("/"), PLATFORM))
        .containment()
        .orElseThrow();
  }

  @Test
  void clientsAreWatchedAndNoStateButTheEndsLastsForEver() throws Exception {
    ContainmentDescription usual = read("{}");
    assertThat(usual.partitions()).containsExactly("user");
    assertThat(usual.limit(ContainmentState.NORMAL)).isEmpty();
    assertThat(usual.limit(ContainmentState.POWERED_OFF)).isEmpty();
    assertThat(usual.limits()).hasSize(4);
    assertThat(usual.afterSuspicion()).isEqualTo(ContainmentState.CONTAINED);
    assertThat(usual.signs())
        .contains(new Sign(Cause.INTEGRITY_DENIED, 1, Duration.ofMinutes(1), Trigger.CONTAIN));
  }

  @Test
  void signsAndLimitsAreRead() throws Exception {
    ContainmentDescription description =
        read(
            "{partitions: [user], suspected-seconds: 7, suspicion-passes: true,"
                + " signs: [{on: scan, count: 9, within-seconds: 3, do: power-off}]}");
    assertThat(description.limit(ContainmentState.SUSPECTED)).contains(Duration.ofSeconds(7));
    assertThat(description.afterSuspicion()).isEqualTo(ContainmentState.NORMAL);
    assertThat(description.signs())
        .containsExactly(new Sign(Cause.SCAN, 9, Duration.ofSeconds(3), Trigger.POWER_OFF));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {partitions: [nobody]}           | there is no partition nobody
          {partitions: [services]}         | partition services is the bridge
          {partitions: [user, user]}       | one is here twice
          {contained-seconds: 0}           | a whole number from 1
          {signs: [{on: scan}]}            | "do" is missing
          {signs: [{on: noise, do: contain}]} | noise
          {signs: [{on: fault, do: clear}]} | none of suspect, contain, power-off
          {signs: [{on: scan, count: 5000, do: contain}]} | from 1 to 4096
          {sign: []}                       | there is no such key
          """)
  void whatMakesNoSenseIsRefusedWithItsPlace(String containment, String reason) {
    assertThatThrownBy(() -> read(containment))
        .isInstanceOf(MachineFileException.class)
        .hasMessageStartingWith("test.yaml:")
        .hasMessageContaining("containment")
        .hasMessageContaining(reason);
  }
}
