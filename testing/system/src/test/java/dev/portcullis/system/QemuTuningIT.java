package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.queue.QueuedFunction;
import dev.portcullis.management.health.Advice;
import dev.portcullis.management.health.Optimiser;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.interrupt.Delivery;
import dev.portcullis.vmm.interrupt.Traffic;
import dev.portcullis.vmm.interrupt.Way;
import dev.portcullis.vmm.platform.PlatformEvent;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootGate;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.linux.LinuxClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What can be tuned about a partition that is an unmodified Linux in QEMU, while it works.
class QemuTuningIT {
  private static final RequesterId DISK = RequesterId.parse("00:05.0");
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int SWITCHES = 100;
  private static final String PLATFORM =
      """
      memory: 1G
      units: [{at: 00:04.0, profile: scalable}]
      devices:
        - {name: disk, type: nvme, at: 00:05.0, size: 64M}
      partitions:
        - {name: user, engine: qemu, runs: client, memory: 256M, devices: [disk]}
      """;

  @TempDir private Path folder;
  private final List<PlatformEvent> events = new CopyOnWriteArrayList<>();
  private RunningPlatform platform;

  private LinuxClient client() throws Exception {
    return (LinuxClient) platform.partition("user").client().orElseThrow();
  }

  private String shell(String command) throws Exception {
    return client().shell().run(command, Lab.BOOT).text();
  }

  private QueuedFunction disk() {
    return (QueuedFunction)
        platform.chassis().slots().stream()
            .filter(slot -> slot.at().equals(DISK))
            .findFirst()
            .orElseThrow()
            .function();
  }

  /// Interrupts come in each way before it is switched again.
  private static int switchOnAndOff(Delivery interrupts) throws Exception {
    for (int i = 0; i < SWITCHES; i++) {
      Way way = i % 2 == 0 ? Way.POSTED : Way.REMAPPED;
      interrupts.deliver(way);
      Traffic before = interrupts.traffic();
      Traffic now;
      do {
        Thread.sleep(1);
        now = interrupts.traffic().since(before);
      } while (way == Way.POSTED ? now.posted() == 0 : now.remapped() == 0);
    }
    return SWITCHES;
  }

  @Tag("slow")
  @Test
  void linuxNoticesNothingOfHowItsInterruptsComeAndFindsFewerQueuesWhenItBeginsAnew()
      throws Exception {
    try (RunningPlatform running =
        RunningPlatform.start(
            PlatformFile.parse("one.yaml", folder, PLATFORM), folder, events::add, BootGate.OPEN)) {
      platform = running;
      assertThat(client().disk(1 << 20, LIMIT).isEqual()).isTrue();
      Delivery interrupts = platform.partition("user").interrupts();
      assertThat(interrupts.way()).isEqualTo(Way.REMAPPED);
      FutureTask<Integer> switching = new FutureTask<>(() -> switchOnAndOff(interrupts));
      Thread.ofPlatform().daemon().start(switching);
      do {
        assertThat(client().disk(8 << 20, LIMIT).isEqual()).isTrue();
      } while (!switching.isDone());
      assertThat(switching.get()).isEqualTo(SWITCHES);
      assertThat(interrupts.traffic().posted()).isGreaterThanOrEqualTo(SWITCHES / 2);
      assertThat(interrupts.traffic().remapped()).isGreaterThanOrEqualTo(SWITCHES / 2);
      assertThat(shell("dmesg | grep -i -E 'nvme.*(timeout|error|reset|polled)' || echo none"))
          .isEqualTo("none");

      assertThat(disk().loads().get(0).requests()).isPositive();
      assertThat(disk().loads().get(15).requests()).isZero();
      Optimiser optimiser = new Optimiser(platform);
      while (of(optimiser).state() == Advice.State.KEPT) {
        assertThat(client().disk(8 << 20, LIMIT).isEqual()).isTrue();
      }
      optimiser.apply("queues-disk");
      assertThat(disk().pairs()).isEqualTo(16);
      platform.power(PowerAction.RESET, "user");
      assertThat(client().disk(1 << 20, LIMIT).isEqual()).isTrue();
      assertThat(disk().pairs()).isEqualTo(1);
      platform.readFaults();
      assertThat(events).noneMatch(PlatformEvent.Fault.class::isInstance);
    }
  }

  private static Advice of(Optimiser optimiser) throws Exception {
    return optimiser.advice().stream()
        .filter(one -> one.subject().equals("disk"))
        .findFirst()
        .orElseThrow();
  }
}
