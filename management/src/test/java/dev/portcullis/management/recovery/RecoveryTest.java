package dev.portcullis.management.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.boot.RebuildMarker;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.health.HealthDescription;
import dev.portcullis.management.health.RepairRule;
import dev.portcullis.management.health.RepairStep;
import dev.portcullis.management.health.SelfRepair;
import dev.portcullis.management.health.Symptom;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.engine.BootRefusedException;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventSink;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootDecision.Outcome;
import dev.portcullis.vmm.platform.control.ControlClient;
import dev.portcullis.vmm.platform.control.ControlServer;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Partitions of a platform are rebuilt while the others go on.
class RecoveryTest {
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: disk, type: nvme, at: 00:04.0, size: 16M, file: disk.img}
        - {name: data, type: nvme, at: 00:05.0, size: 16M, file: data.img}
      partitions:
        - {name: user, memory: 16M, runs: client, devices: [disk, data]}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
        - {name: other, memory: 16M, runs: client, address: 10.9.0.3/24}
      links:
        - between: [user, services]
        - between: [other, services]
      """;

  @TempDir private Path folder;
  private final BlockingQueue<Event> told = new LinkedBlockingQueue<>();
  private Site site;
  private VerifiedBoot boot;
  private RunningPlatform platform;
  private Recovery recovery;

  @BeforeEach
  void make() throws Exception {
    site = Site.make(folder, (4 << 20) / 4096);
    Files.copy(site.image(), folder.resolve("disk.img"));
    try (var disk = new java.io.RandomAccessFile(folder.resolve("disk.img").toFile(), "rw")) {
      disk.setLength(16 << 20);
    }
  }

  private void start() throws Exception {
    boot = site.boot();
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, PLATFORM), folder, event -> {}, boot);
    platform.events().add(new Sink(told));
    recovery = Recovery.start(platform, boot, site.state());
  }

  @AfterEach
  void stop() {
    recovery.close();
    assertThat(platform.lvmm().breaches()).isEmpty();
    platform.close();
  }

  private record Sink(BlockingQueue<Event> told) implements EventSink {
    @Override
    public String name() {
      return "test";
    }

    @Override
    public void accept(Event event) {
      told.add(event);
    }

    @Override
    public void close() {}
  }

  private EngineState state(String name) throws Exception {
    return platform.partition(name).engine().state();
  }

  /// Waits for it.
  private Event event(EventType type, String text) throws InterruptedException {
    Event event = told.poll(1, TimeUnit.MINUTES);
    while (event != null && (event.type() != type || !event.text().contains(text))) {
      event = told.poll(1, TimeUnit.MINUTES);
    }
    assertThat(event).as(type + " " + text).isNotNull();
    return event;
  }

  @Test
  void diskThatItsPartitionSpoiledIsFoundAtResetAndRebuilt() throws Exception {
    start();
    assertThat(boot.record("user").orElseThrow().verdict()).isEqualTo(Outcome.ADMITTED);
    platform.partition("user").client().orElseThrow().disk(1 << 20, LIMIT);

    assertThatThrownBy(() -> platform.power(PowerAction.RESET, "user"))
        .isInstanceOf(BootRefusedException.class)
        .hasMessageStartingWith("not booted: disk disk is ");
    assertThat(state("user").phase()).isEqualTo(Phase.FAILED);
    assertThat(event(EventType.BOOT_REFUSED, "partition user is not booted").data())
        .containsKeys("log", "pcr-15");
    platform.partition("other").client().orElseThrow().ping(PEER, LIMIT);

    List<String> steps = new ArrayList<>();
    recovery.rebuild("user", DataDisk.KEEP, (step, fraction) -> steps.add(step));

    assertThat(state("user")).isEqualTo(EngineState.of(Phase.RUNNING));
    assertThat(steps).contains("safe images are checked", "disk disk is written");
    assertThat(boot.record("user").orElseThrow().verdict()).isEqualTo(Outcome.ADMITTED);
    event(EventType.REBUILD_STATE, "partition user: it was rebuilt, its data: keep");
    platform.partition("other").client().orElseThrow().ping(PEER, LIMIT);
  }

  /// The spoiled disk is not booted, restarts do not help, and the last attempt is another one.
  @Test
  void aRuleOfSelfRepairHasItRebuilt() throws Exception {
    start();
    platform.partition("user").client().orElseThrow().disk(1 << 20, LIMIT);
    RepairRule rule =
        new RepairRule(
            Symptom.PARTITION_FAILED,
            List.of("user"),
            List.of(RepairStep.RESTART),
            List.of(RepairStep.REBUILD),
            2,
            Duration.ofMillis(20),
            Duration.ofHours(1));
    try (SelfRepair repair =
        SelfRepair.start(
            new HealthDescription(Duration.ofMillis(20), List.of(rule)),
            platform,
            recovery,
            partition -> false)) {
      assertThatThrownBy(() -> platform.power(PowerAction.RESET, "user"))
          .isInstanceOf(BootRefusedException.class);

      Event restarted = event(EventType.HEALTH_REPAIR, "user: ");
      assertThat(restarted.data())
          .containsEntry("step", "restart")
          .containsEntry("outcome", "failed");
      assertThat(restarted.text()).contains("disk disk is ");
      Event rebuilt = event(EventType.HEALTH_REPAIR, "user: ");
      assertThat(rebuilt.data()).containsEntry("step", "rebuild").containsEntry("outcome", "done");
      assertThat(repair).isNotNull();
    }
    assertThat(state("user")).isEqualTo(EngineState.of(Phase.RUNNING));
    assertThat(boot.record("user").orElseThrow().verdict()).isEqualTo(Outcome.ADMITTED);
    platform.partition("user").client().orElseThrow().disk(1 << 20, LIMIT);
  }

  @Test
  void whatWasCutShortStartsOverWithTheNextPlatform() throws Exception {
    new RebuildMarker(site.state()).set("user", "keep");
    Files.write(folder.resolve("disk.img"), new byte[16 << 20]);

    start();

    event(EventType.REBUILD_STATE, "partition user: it was rebuilt");
    assertThat(state("user")).isEqualTo(EngineState.of(Phase.RUNNING));
    assertThat(new RebuildMarker(site.state()).read("user")).isEmpty();
  }

  @Test
  void runningPartitionGoesOnIfItsImageIsNotSafe() throws Exception {
    start();
    Files.write(site.image(), new byte[4 << 20]);

    assertThatThrownBy(() -> recovery.rebuild("user", DataDisk.REPLACE, RebuildProgress.NONE))
        .isInstanceOf(RecoveryException.class)
        .hasMessageContaining("is not what the manifest says");

    assertThat(state("user")).isEqualTo(EngineState.of(Phase.RUNNING));
    assertThat(event(EventType.REBUILD_STATE, "is not what the manifest says").data())
        .containsEntry("state", "failed");
  }

  @Test
  void partitionsThatCannotBeRebuiltAreSaid() throws Exception {
    start();

    assertThatThrownBy(() -> recovery.rebuild("me", DataDisk.KEEP, RebuildProgress.NONE))
        .hasMessage("there is no partition me");
    assertThatThrownBy(() -> recovery.rebuild("other", DataDisk.KEEP, RebuildProgress.NONE))
        .hasMessage("it has no manifest");
    platform.release(platform.description().device("disk"));
    assertThatThrownBy(() -> recovery.rebuild("user", DataDisk.KEEP, RebuildProgress.NONE))
        .hasMessage("partition user does not have the disk disk now");
  }

  @Test
  void peopleAskForItThroughTheControlSocket() throws Exception {
    start();
    Path socket = folder.resolve("control").resolve("sock");
    try (ControlServer _ =
            ControlServer.start(platform, socket, Map.of("rebuild", new RebuildVerb(recovery)));
        ControlClient client = ControlClient.connect(socket)) {
      List<String> steps = new ArrayList<>();
      client.rebuild("user", "replace", (step, fraction) -> steps.add(step));

      assertThat(steps).contains("disk disk is written", "data of disk data is replaced");
      assertThat(client.status().partitions().getFirst().state()).isEqualTo("running");
      assertThatThrownBy(() -> client.rebuild("user", "burn", (step, fraction) -> {}))
          .isInstanceOf(IOException.class)
          .hasMessage("\"burn\" is none of keep, replace");
      assertThatThrownBy(() -> client.rebuild("services", "keep", (step, fraction) -> {}))
          .hasMessage("it has no manifest");
    }
  }
}
