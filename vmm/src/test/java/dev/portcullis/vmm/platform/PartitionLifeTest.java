package dev.portcullis.vmm.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.memory.Fetched;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Partitions stop and start under the others.
class PartitionLifeTest {
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration MOMENT = Duration.ofMillis(300);

  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: disk, type: nvme, at: 00:04.0, size: 16M}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24, devices: [disk]}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
        - {name: other, memory: 16M, runs: client, address: 10.9.0.3/24}
      links:
        - between: [user, services]
        - between: [other, services]
      """;

  @TempDir private Path folder;
  private RunningPlatform platform;

  @BeforeEach
  void start() throws Exception {
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, PLATFORM), folder, event -> {});
  }

  @AfterEach
  void stop() {
    assertThat(platform.lvmm().breaches()).isEmpty();
    platform.close();
  }

  private Client client(String name) throws Exception {
    return platform.partition(name).client().orElseThrow();
  }

  private EngineState state(String name) throws Exception {
    return platform.partition(name).engine().state();
  }

  @Test
  void memoryOfOneThatIsOffIsScrubbedAtRequest() throws Exception {
    client("user").disk(4 << 20, LIMIT);
    PageRange window = platform.partition("user").partition().window();
    assertThat(bytesThatAreNotZero(window)).isPositive();
    assertThatThrownBy(() -> platform.power(PowerAction.SCRUB, "user"))
        .hasMessage("partition user is running: only one that is off is scrubbed");

    platform.power(PowerAction.KILL, "user");
    assertThat(bytesThatAreNotZero(window)).isPositive();
    platform.power(PowerAction.SCRUB, "user");
    assertThat(bytesThatAreNotZero(window)).isZero();

    client("other").ping(PEER, LIMIT);
    platform.power(PowerAction.START, "user");
    assertThat(client("user").disk(4 << 20, LIMIT).isEqual()).isTrue();
  }

  private long bytesThatAreNotZero(PageRange range) {
    Fetched word = new Fetched();
    long count = 0;
    for (long at = range.first(); at < range.end(); at += Long.BYTES) {
      assertThat(platform.memory().map().fetch64(at, word)).isTrue();
      count += word.lo == 0 ? 0 : 1;
    }
    return count;
  }

  @Test
  void trafficResumesWhenServicesAreBack() throws Exception {
    client("user").ping(PEER, LIMIT);

    platform.power(PowerAction.KILL, "services");

    assertThatThrownBy(() -> client("user").ping(PEER, MOMENT)).isInstanceOf(ClientException.class);
    assertThat(client("user").disk(4 << 20, LIMIT).isEqual()).isTrue();

    platform.power(PowerAction.START, "services");

    client("user").ping(PEER, LIMIT);
    client("other").ping(PEER, LIMIT);
  }

  @Test
  void servicesGoOnWithoutTheUser() throws Exception {
    client("other").ping(PEER, LIMIT);

    platform.power(PowerAction.KILL, "user");

    client("other").ping(PEER, LIMIT);
    assertThat(state("user")).isEqualTo(EngineState.of(Phase.OFF));
    assertThat(state("services")).isEqualTo(EngineState.of(Phase.RUNNING));

    platform.power(PowerAction.START, "user");

    client("user").ping(PEER, LIMIT);
    assertThat(client("user").disk(4 << 20, LIMIT).isEqual()).isTrue();
  }

  @Test
  void aPausedPartitionStandsStill() throws Exception {
    client("user").ping(PEER, LIMIT);

    platform.power(PowerAction.PAUSE, "services");

    assertThatThrownBy(() -> client("user").ping(PEER, MOMENT)).isInstanceOf(ClientException.class);
    assertThatThrownBy(() -> platform.power(PowerAction.PAUSE, "services"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("paused");

    platform.power(PowerAction.RESUME, "services");

    client("user").ping(PEER, LIMIT);
  }

  @Test
  void aResetBeginsAnew() throws Exception {
    client("user").ping(PEER, LIMIT);

    platform.power(PowerAction.RESET, "services");
    platform.power(PowerAction.RESET, "user");

    client("user").ping(PEER, LIMIT);
    assertThat(client("user").disk(4 << 20, LIMIT).isEqual()).isTrue();
  }

  @Test
  void aPartitionShutsDownWhenItsButtonIsPressed() throws Exception {
    platform.power(PowerAction.POWER_DOWN, "user");

    assertThat(state("user")).isEqualTo(EngineState.of(Phase.OFF));
    assertThat(state("services")).isEqualTo(EngineState.of(Phase.RUNNING));
  }

  private static List<Thread> hosts() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("host 10.9.0.2"))
        .filter(thread -> thread.getThreadGroup() != null)
        .filter(thread -> thread.getThreadGroup().getName().equals("user"))
        .toList();
  }

  @Test
  void aKilledPartitionLeavesNoThreadBehind() throws Exception {
    client("user").ping(PEER, LIMIT);
    List<Thread> running = hosts();
    assertThat(running).isNotEmpty();

    platform.power(PowerAction.KILL, "user");

    for (Thread thread : running) {
      thread.join();
    }
    assertThat(hosts()).isEmpty();
  }
}
