package dev.portcullis.management.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthFileTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices: [{name: disk, type: nvme, at: 00:04.0, size: 16M}]
      partitions:
        - {name: user, memory: 16M, runs: client, devices: [disk]}
        - {name: other, memory: 16M, runs: client}
      """;

  private static HealthDescription read(String health) throws MachineFileException {
    return ManagementFile.parse(
            "test.yaml",
            Path.of("/"),
            "state: /s\nhealth: " + health,
            PlatformFile.parse("platform.yaml", Path.of("/"), PLATFORM))
        .health()
        .orElseThrow();
  }

  @Test
  void nothingIsRepairedUnlessAsked() throws Exception {
    assertThat(read("{}").repair()).isEmpty();
  }

  @Test
  void rulesAreRead() throws Exception {
    HealthDescription health =
        read(
            "{look-seconds: 7, repair: [{when: partition-failed, do: [restart], at-last:"
                + " [rebuild]}, {when: function-failed, devices: ['00:04.0'], do: [reset-function],"
                + " attempts: 5, pause-seconds: 1, well-seconds: 9}]}");

    assertThat(health.look()).isEqualTo(Duration.ofSeconds(7));
    assertThat(health.repair())
        .containsExactly(
            new RepairRule(
                Symptom.PARTITION_FAILED,
                List.of("user", "other"),
                List.of(RepairStep.RESTART),
                List.of(RepairStep.REBUILD),
                3,
                Duration.ofSeconds(5),
                Duration.ofMinutes(10)),
            new RepairRule(
                Symptom.FUNCTION_FAILED,
                List.of("disk"),
                List.of(RepairStep.RESET_FUNCTION),
                List.of(),
                5,
                Duration.ofSeconds(1),
                Duration.ofSeconds(9)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {when: partition-failed}                                      | "do" is missing
          {do: [restart]}                                               | "when" is missing
          {when: partition-failed, do: []}                              | without anything to do
          {when: partition-failed, do: [pray]}                          | "pray" is none of
          {when: partition-failed, do: [reset-function]}                | is for function-failed
          {when: partition-failed, do: [restart], partitions: [nobody]} | there is no partition nobody
          {when: function-failed, do: [restart]}                        | "devices" is missing
          {when: function-failed, do: [restart], devices: [nobody]}     | nobody
          {when: partition-failed, do: [restart], attempts: 0}          | a whole number from 1
          {when: partition-failed, do: [restart], attempts: 21}         | a whole number from 1
          {when: partition-failed, do: [restart], now: true}            | there is no such key
          """)
  void mistakesAreNamed(String rule, String reason) {
    assertThatThrownBy(() -> read("{repair: [" + rule + "]}"))
        .isInstanceOf(MachineFileException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void twoRulesAboutTheSameAreOneTooMany() {
    String rule = "{when: partition-failed, do: [restart], partitions: [user]}";
    assertThatThrownBy(() -> read("{repair: [%s, %s]}".formatted(rule, rule)))
        .hasMessageContaining("there is a rule about user already");
  }
}
