package dev.portcullis.vmm.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.memory.Fetched;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.memory.PhysicalMemory.Portion;
import dev.portcullis.vmm.platform.boot.BootDecision;
import dev.portcullis.vmm.platform.description.Addition;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Partitions come to a platform that runs, and go.
class AdditionsTest {
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String UNTRUSTED = "untrusted";

  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: disk, type: nvme, at: 00:04.0, size: 16M}
        - {name: spare, type: nvme, at: 00:05.0, size: 16M}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24, devices: [disk]}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
      links:
        - between: [user, services]
      """;

  private static final String LATE =
      "{name: late, memory: 32M, runs: client, address: 10.9.0.9/24, devices: [spare], link:"
          + " services}";

  @TempDir private Path folder;
  private RunningPlatform platform;
  private List<Portion> before;

  @BeforeEach
  void start() throws Exception {
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, PLATFORM),
            folder,
            event -> {},
            material ->
                material.partition().equals(UNTRUSTED)
                    ? BootDecision.refused("nobody knows it", Map.of())
                    : BootDecision.UNCHECKED);
    before = platform.lvmm().physical().portions();
  }

  @AfterEach
  void stop() {
    assertThat(platform.lvmm().breaches()).isEmpty();
    platform.close();
  }

  private Addition addition(String yaml) throws MachineFileException {
    return PlatformFile.addition(Section.parse("late.yaml", yaml), folder, platform.description());
  }

  private Client client(String name) throws Exception {
    return platform.partition(name).client().orElseThrow();
  }

  private void assertThatNothingIsLeft(String name) throws Exception {
    assertThat(platform.lvmm().physical().portions()).isEqualTo(before);
    assertThat(platform.partitions()).extracting(RunningPartition::name).doesNotContain(name);
    assertThat(platform.description().links()).hasSize(1);
    assertThat(platform.lvmm().assignments().at(platform.description().device("spare"))).isEmpty();
    client("user").ping(PEER, LIMIT);
  }

  @Test
  void oneThatComesHasItsDiskAndItsNetwork_andTheOthersGoOn() throws Exception {
    platform.add(addition(LATE), Beginning.AT_ONCE);

    client("late").ping(PEER, LIMIT);
    client("late").ping(Ipv4Address.parse("10.9.0.2"), LIMIT);
    assertThat(client("late").disk(4 << 20, LIMIT).isEqual()).isTrue();
    client("user").ping(PEER, LIMIT);
    assertThat(platform.partition("services").bridge().orElseThrow().bridge().orElseThrow().ports())
        .extracting(port -> port.name())
        .contains("late", "user", "nic");
  }

  @Test
  void oneThatGoesLeavesNothingBehind() throws Exception {
    for (int round = 0; round < 3; round++) {
      platform.add(addition(LATE), Beginning.AT_ONCE);
      assertThat(client("late").disk(4 << 20, LIMIT).isEqual()).isTrue();
      PageRange window = platform.partition("late").partition().window();

      platform.remove("late");

      assertThatNothingIsLeft("late");
      Fetched word = new Fetched();
      for (long at = window.first(); at < window.end(); at += Long.BYTES) {
        assertThat(platform.memory().map().fetch64(at, word)).isTrue();
        assertThat(word.lo).isZero();
      }
    }
    assertThatThrownBy(() -> platform.remove("late")).hasMessage("there is no partition late");
  }

  @Test
  void oneThatIsToBeginLaterIsOff() throws Exception {
    platform.add(addition(LATE), Beginning.LATER);

    assertThat(platform.partition("late").engine().state()).isEqualTo(EngineState.of(Phase.OFF));
    platform.power(PowerAction.START, "late");
    client("late").ping(PEER, LIMIT);
  }

  @Test
  void oneThatMayNotBeginIsNotAdded() throws Exception {
    assertThatThrownBy(
            () -> platform.add(addition(LATE.replace("late", UNTRUSTED)), Beginning.AT_ONCE))
        .hasMessageContaining("nobody knows it");
    assertThatNothingIsLeft(UNTRUSTED);
  }

  @Test
  void oneWhoseDeviceIsAnothersIsNotAdded() throws Exception {
    Addition addition = addition(LATE);
    platform.assign(platform.description().device("spare"), "user");

    assertThatThrownBy(() -> platform.add(addition, Beginning.AT_ONCE))
        .hasMessageContaining("00:05.0");
    platform.release(platform.description().device("spare"));
    assertThatNothingIsLeft("late");
  }

  @Test
  void nothingIsAddedTwice() throws Exception {
    Addition addition = addition(LATE);
    platform.add(addition, Beginning.AT_ONCE);

    assertThatThrownBy(() -> platform.add(addition, Beginning.AT_ONCE))
        .hasMessage("there is a partition late already");
    client("late").ping(PEER, LIMIT);
  }

  @Test
  void nothingIsAddedToAPlatformThatHasEnded() throws Exception {
    Addition addition = addition(LATE);
    Path elsewhere = Files.createDirectory(folder.resolve("other"));
    RunningPlatform other =
        RunningPlatform.start(
            PlatformFile.parse("other.yaml", elsewhere, PLATFORM), elsewhere, event -> {});
    other.close();

    assertThatThrownBy(() -> other.add(addition, Beginning.AT_ONCE))
        .hasMessage("the platform ends");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{memory: 16M, runs: client} | \"name\" is missing",
        "{name: user, runs: client} | name: there is a partition \"user\" already",
        "{name: late, runs: bridge} | runs: only a client can be added",
        "{name: late, runs: client, memory: 96M} | memory: 128 MiB are not enough",
        "{name: late, runs: client, memory: 3M} | memory: 3 MiB: at least 2 MiB, in steps of 2 MiB",
        "{name: late, runs: client, link: nobody} | link: there is no partition \"nobody\"",
        "{name: late, runs: client, devices: [tape]} | there is no device \"tape\"",
        "{name: late, runs: client, colour: red} | colour: there is no such key"
      })
  void whatMakesNoSenseIsRefusedWithItsLine(String yaml, String reason) {
    assertThatThrownBy(() -> addition(yaml))
        .isInstanceOf(MachineFileException.class)
        .hasMessageStartingWith("late.yaml:1: ")
        .hasMessageContaining(reason);
  }
}
