package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.engine.qemu.QemuEngine;
import dev.portcullis.vmm.platform.Examiner;
import dev.portcullis.vmm.platform.Examiner.Outcome;
import dev.portcullis.vmm.platform.PlatformEvent;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.Expectation;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.Moved;
import dev.portcullis.vmm.software.linux.LinuxClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The client platform with Linux in both partitions: the user's traffic goes through the Linux
/// bridge of the services partition, which drives the network card with its stock driver.
class QemuPlatformIT {
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @TempDir private Path folder;

  private PlatformDescription clientPlatform() throws Exception {
    String text =
        Files.readString(Lab.ROOT.resolve("examples").resolve("client-platform.yaml"))
            .replaceAll("(?m)^rules:.*$", "") // Linux's bridge has none of ours
            .replace("memory: 256M", "memory: 1G")
            .replace("memory: 64M", "memory: 320M\n    engine: qemu")
            .replace("memory: 32M", "memory: 192M\n    engine: qemu")
            .replace("{does: ping,", "{within-seconds: 300, does: ping,")
            .replace("{does: page,", "{within-seconds: 300, does: page,");
    return PlatformFile.parse("client-platform.yaml", folder, text);
  }

  private static String shell(RunningPartition partition, String commands) throws Exception {
    LinuxClient client = (LinuxClient) partition.client().orElseThrow();
    return client.shell().run("set -e\n" + commands, Lab.BOOT).text();
  }

  private static void killProcess(RunningPartition partition) throws Exception {
    QemuEngine engine = (QemuEngine) partition.engine();
    CountDownLatch failed = new CountDownLatch(1);
    engine.onChange(state -> {
      if (state.is(Phase.FAILED)) {
        failed.countDown();
      }
    });
    long pid = engine.process().orElseThrow().pid();
    assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
    assertThat(failed.await(1, TimeUnit.MINUTES)).isTrue();
  }

  /// Connections that last.
  private static FutureTask<Moved> traffic(Client client) {
    FutureTask<Moved> task = new FutureTask<>(() -> client.transfer(PEER, 64 << 20, LIMIT));
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  @Test
  void partitionThatIsKilledUnderTrafficLeavesTheOtherAsItWas() throws Exception {
    List<PlatformEvent> events = new CopyOnWriteArrayList<>();
    try (RunningPlatform platform = RunningPlatform.start(clientPlatform(), folder, events::add)) {
      RunningPartition user = platform.partition("user");
      RunningPartition services = platform.partition("services");
      Client client = user.client().orElseThrow();
      client.ping(PEER, LIMIT);
      String disk = client.disk(4 << 20, LIMIT).sent();
      shell(user, "echo mine > /kept");
      FutureTask<Moved> lasting = traffic(client);
      awaitTraffic(platform, lasting);

      killProcess(services);
      services.engine().start(LIMIT);

      assertThat(lasting.get().isEqual()).as("TCP goes on where it was").isTrue();
      assertThat(shell(user, "cat /kept")).isEqualTo("mine");
      assertThat(shell(user, "dd if=/dev/nvme0n1 bs=256k count=16 2>/dev/null | sha256sum"))
          .startsWith(disk);
      assertThat(user.engine().state()).isEqualTo(EngineState.of(Phase.RUNNING));

      long boots = ((QemuEngine) services.engine()).boots();
      killProcess(user);
      assertThat(services.engine().state()).isEqualTo(EngineState.of(Phase.RUNNING));
      user.engine().start(LIMIT);
      client.ping(PEER, LIMIT);
      assertThat(((QemuEngine) services.engine()).boots()).isEqualTo(boots);
      assertThat(platform.lvmm().breaches()).isEmpty();
    }
  }

  /// The services partition's card is the only one that does DMA meanwhile.
  private static void awaitTraffic(RunningPlatform platform, FutureTask<Moved> lasting)
      throws InterruptedException {
    long before = platform.unit().statistics().requests();
    while (platform.unit().statistics().requests() < before + 5_000) {
      assertThat(lasting).isNotDone();
      Thread.sleep(10);
    }
  }

  @Test
  void everythingExpectedHolds() throws Exception {
    List<PlatformEvent> events = new CopyOnWriteArrayList<>();
    PlatformDescription description = clientPlatform();
    try (RunningPlatform platform = RunningPlatform.start(description, folder, events::add)) {
      Examiner examiner = new Examiner(platform, events);
      for (Expectation expectation : description.expectations()) {
        Outcome outcome = examiner.examine(expectation);
        assertThat(outcome.held()).as("%s: %s", expectation, outcome.detail()).isTrue();
      }
      // Root may choose any address, and reaches nobody by another than its own.
      String ping =
          """
          ip address add 10.9.0.77/24 dev eth0 || true
          ping -c 2 -W 1 -I %s 10.9.0.1 || true
          """;
      RunningPartition user = platform.partition("user");
      assertThat(shell(user, ping.formatted("10.9.0.77"))).contains("100% packet loss");
      assertThat(shell(user, ping.formatted("10.9.0.2"))).contains(" 0% packet loss");
      assertThat(platform.lvmm().breaches()).isEmpty();
    }
  }
}
