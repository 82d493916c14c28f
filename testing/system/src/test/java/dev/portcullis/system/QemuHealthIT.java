package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.health.Check;
import dev.portcullis.management.health.CheckResult;
import dev.portcullis.management.health.CheckResult.Outcome;
import dev.portcullis.management.health.Diagnosis;
import dev.portcullis.management.health.DiagnosisProgress;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.platform.PlatformEvent;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootGate;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client.Moved;
import dev.portcullis.vmm.software.linux.LinuxClient;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The health of a platform whose partition is an unmodified Linux in QEMU.
class QemuHealthIT {
  private static final RequesterId DISK = RequesterId.parse("00:05.0");
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String PLATFORM =
      """
      memory: 1G
      units: [{at: 00:04.0, preset: server-legacy}]
      devices:
        - {name: disk, type: nvme, at: 00:05.0, file: disk.img}
        - {name: rogue, type: edu, at: 00:06.0}
      partitions:
        - {name: user, engine: qemu, runs: client, memory: 256M, devices: [disk, rogue]}
      """;

  @TempDir private Path folder;
  private final List<PlatformEvent> events = new CopyOnWriteArrayList<>();
  private RunningPlatform platform;
  private Diagnosis diagnosis;

  @BeforeEach
  void start() throws Exception {
    setDiskSize(64 << 20);
    platform =
        RunningPlatform.start(
            PlatformFile.parse("one.yaml", folder, PLATFORM), folder, events::add, BootGate.OPEN);
    diagnosis = new Diagnosis(platform, Optional.empty());
  }

  private void setDiskSize(long bytes) throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("disk.img").toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  @AfterEach
  void stop() {
    assertThat(platform.lvmm().breaches()).isEmpty();
    platform.close();
  }

  private LinuxClient client() throws Exception {
    return (LinuxClient) platform.partition("user").client().orElseThrow();
  }

  private String shell(String command) throws Exception {
    return client().shell().run(command, Lab.BOOT).text();
  }

  private List<CheckResult> run(EnumSet<Check> checks) throws Exception {
    return diagnosis.run(checks, Diagnosis.USUAL_RATE, DiagnosisProgress.NONE).results();
  }

  /// Linux works all the while, and notices nothing.
  @Test
  void allIsWellWhileLinuxWorks() throws Exception {
    assertThat(client().disk(1 << 20, LIMIT).isEqual()).isTrue();
    FutureTask<Moved> work = new FutureTask<>(() -> client().disk(24 << 20, LIMIT));
    Thread.ofPlatform().daemon().start(work);

    List<CheckResult> results = run(EnumSet.allOf(Check.class));

    assertThat(results).noneMatch(CheckResult::isFailed);
    assertThat(results)
        .filteredOn(one -> one.subject().equals("disk"))
        .extracting(CheckResult::outcome)
        .containsExactly(Outcome.PASSED, Outcome.PASSED);
    assertThat(work.get().isEqual()).isTrue();
    assertThat(shell("dmesg | grep -i -E 'nvme.*(timeout|error|reset)' || echo none"))
        .isEqualTo("none");
    platform.readFaults();
    assertThat(events).noneMatch(PlatformEvent.Fault.class::isInstance);
  }

  /// What lies behind the controller has lost its end. Linux hangs for all that it matters.
  @Test
  void blocksThatCannotBeReadAreFound_whateverLinuxDoes() throws Exception {
    shell("true");
    platform.power(PowerAction.PAUSE, "user");
    setDiskSize(63 << 20);

    List<CheckResult> results = run(EnumSet.of(Check.DISK));

    assertThat(results)
        .singleElement()
        .satisfies(one -> {
          assertThat(one.outcome()).isEqualTo(Outcome.FAILED);
          assertThat(one.text()).startsWith("256 blocks of 4 KiB cannot be read: 16128-16383");
        });
  }

  /// Self-repair resets a function without a word to its driver. Linux's waits until a request
  /// takes too long, which is half a minute unless told otherwise, resets the controller, and goes
  /// on.
  @Test
  void linuxMendsADiskThatWasResetBehindItsBack() throws Exception {
    assertThat(client().disk(1 << 20, LIMIT).isEqual()).isTrue();
    shell("echo 1000 > /sys/block/nvme0n1/queue/io_timeout");

    platform.lvmm().assignments().reset(DISK);

    assertThat(run(EnumSet.of(Check.DMA)))
        .filteredOn(one -> one.subject().equals("disk"))
        .extracting(CheckResult::outcome)
        .containsExactly(Outcome.SKIPPED);
    assertThat(client().disk(4 << 20, LIMIT).isEqual()).as("no request is lost").isTrue();
    assertThat(shell("dmesg | grep -c 'nvme nvme0: .* timeout, reset controller'")).isEqualTo("1");
    assertThat(run(EnumSet.of(Check.DMA)))
        .filteredOn(one -> one.subject().equals("disk"))
        .extracting(CheckResult::outcome)
        .containsExactly(Outcome.PASSED);
  }
}
