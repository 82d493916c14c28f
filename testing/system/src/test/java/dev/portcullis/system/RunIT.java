package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `./portcullis run`, and the commands that look at and steer what it has started.
class RunIT {
  @TempDir private Path folder;

  private String socket() {
    return folder.resolve("control.sock").toString();
  }

  @Test
  void theClientPlatformDoesWhatIsExpectedOfIt() throws Exception {
    var run = Program.run("run", "--control", socket());

    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.out())
        .contains("11 of 11 expectations held.")
        .contains("user moves 64 MiB to and from 10.9.0.1, SHA-256 equal")
        .contains("reason 26h, told as user's")
        .doesNotContain("WRONG");
  }

  @ParameterizedTest
  @ValueSource(strings = {"examples/server-consolidation.yaml", "examples/shared-card.yaml"})
  void theOtherPlatformsDo(String example) throws Exception {
    String file = Lab.ROOT.resolve(example).toString();

    var run = Program.run("run", "--json", "--control", socket(), file);

    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.out()).startsWith("{").contains("\"held\" : true");
  }

  @Test
  void policyIsTriedWithItsLibrariesInPlace() throws Exception {
    String folder = Lab.ROOT.resolve("examples").resolve("access").toString();

    var test = Program.run("policy", "test", folder + "/office.yaml", folder + "/facts.yaml");

    assertThat(test.exitCode()).as(test.toString()).isEqualTo(1);
    assertThat(test.out()).contains("conditional: The browser is out of date.");
    assertThat(test.err()).isEmpty();
  }

  @Test
  void whatDoesNotHoldIsSaidAndEndsWith1() throws Exception {
    Path file = folder.resolve("wrong.yaml");
    Files.writeString(
        file,
        """
        memory: 128M
        units: [{at: 00:01.0, profile: scalable}]
        partitions:
          - {name: lonely, memory: 16M, runs: client, address: 10.9.0.2/24}
        expect:
          - {does: ping, from: lonely, to: 10.9.0.1, within-seconds: 1}
        """);

    var run = Program.run("run", "--control", socket(), file.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .contains("WRONG lonely reaches 10.9.0.1 by ping: lonely has no network card")
        .contains("0 of 1 expectations held.");
  }

  @Test
  void aRunningPlatformIsLookedAtAndSteered() throws Exception {
    Process running = Program.start("run", "--for", "100s", "--control", socket());
    try {
      awaitLine(running, "ok    user's rogue is stopped");

      assertThat(ask("status").out())
          .contains("user       embedded  running")
          .contains("nic     00:03.0  virtio-net  services");
      assertThat(ask("status", "--json").out()).startsWith("{").contains("\"window\"");
      lookWhetherItIsWell();
      assertThat(ask("assign", "disk", "services").err())
          .isEqualTo("portcullis: function 00:04.0 belongs to partition user: release it first\n");
      assertThat(ask("reassign", "disk", "services").exitCode()).isZero();
      assertThat(ask("status").out()).contains("disk    00:04.0  nvme        services");
      assertThat(ask("partition", "kill", "services").exitCode()).isZero();
      awaitLine(running, "event partition services is off");
      assertThat(ask("status").out()).contains("services   embedded  off");
      assertThat(ask("partition", "start", "services").exitCode()).isZero();
      assertThat(ask("release", "disk").exitCode()).isZero();
    } finally {
      Program.end(running);
    }
  }

  private void lookWhetherItIsWell() throws Exception {
    var diagnosis = ask("diagnose");

    assertThat(diagnosis.exitCode()).as(diagnosis.toString()).isZero();
    assertThat(diagnosis.out())
        .containsPattern("unit +translation +passed ")
        .containsPattern("unit +interrupt of another +passed ")
        .containsPattern("dma +disk +passed +4,096 bytes came back")
        .containsPattern("dma +rogue +skipped +it was stopped")
        .containsPattern("memory +partition user +passed ")
        .containsPattern("disk +disk +passed +all of 128 MiB can be read")
        .doesNotContain("failed");
    assertThat(ask("diagnose", "--only", "unit", "--json").out()).contains("\"passed\" : true");
    assertThat(ask("optimise").out()).contains("strict: ");
    assertThat(ask("optimise", "--revert", "nothing").exitCode()).isEqualTo(2);
  }

  private Program.Ended ask(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--control", socket()));
    return Program.run(all.toArray(String[]::new));
  }

  private static void awaitLine(Process process, String wanted) throws Exception {
    var lines = process.inputReader();
    String line = lines.readLine();
    while (line != null && !line.startsWith(wanted)) {
      line = lines.readLine();
    }
    assertThat(line).as("a line that begins with \"%s\"", wanted).isNotNull();
  }
}
