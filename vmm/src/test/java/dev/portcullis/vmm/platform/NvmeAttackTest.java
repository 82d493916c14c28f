package dev.portcullis.vmm.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.pci.ConfigRegisters;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.vmm.fault.FaultEvent;
import dev.portcullis.vmm.partition.ProcessorView;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Malware has its partition's own disk controller, its registers and queues, and tells it to put
/// data where the monitor, the firmware, and another partition are.
class NvmeAttackTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: disk, type: nvme, at: 00:04.0, size: 8M}
      partitions:
        - {name: user, memory: 16M, runs: client, devices: [disk]}
        - {name: other, memory: 16M, runs: client}
      """;

  private static final int CONFIGURATION = 0x14;
  private static final int STATUS = 0x1c;
  private static final int ADMIN_SIZES = 0x24;
  private static final int ADMIN_SUBMISSIONS = 0x28;
  private static final int ADMIN_COMPLETIONS = 0x30;
  private static final int DOORBELL = 0x1000;
  private static final int ENABLED = 6 << 16 | 4 << 20 | 1;
  private static final int ENTRIES = 16;
  private static final int IDENTIFY = 6;
  private static final int PAGE = 4096;

  /// Where no software of the partition is.
  private static final long SUBMISSIONS = 12 << 20;

  private static final long COMPLETIONS = SUBMISSIONS + PAGE;
  private static final long DATA = COMPLETIONS + PAGE;

  private static final long MONITOR = 121L << 20;
  private static final long FIRMWARE = (127L << 20) + 8 * PAGE;
  private static final long INTERRUPTS = 0xfee0_0000L;

  @TempDir private Path folder;
  private final List<PlatformEvent> events = new CopyOnWriteArrayList<>();
  private RunningPlatform platform;
  private PciFunction disk;
  private ProcessorView memory;
  private int sent;

  @BeforeEach
  void take() throws Exception {
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, PLATFORM), folder, events::add);
    platform.power(PowerAction.PAUSE, "user");
    memory = platform.partition("user").partition().processors();
    disk =
        platform.chassis().slots().stream()
            .filter(slot -> slot.at().equals(platform.description().device("disk")))
            .findFirst()
            .orElseThrow()
            .function();
    disk.writeConfig(ConfigRegisters.COMMAND, 2, 6);
    disk.writeBar(0, CONFIGURATION, 4, 0);
    awaitReady(0);
    disk.writeBar(0, ADMIN_SIZES, 4, (ENTRIES - 1) << 16 | ENTRIES - 1);
    disk.writeBar(0, ADMIN_SUBMISSIONS, 8, SUBMISSIONS);
    disk.writeBar(0, ADMIN_COMPLETIONS, 8, COMPLETIONS);
    disk.writeBar(0, CONFIGURATION, 4, ENABLED);
    awaitReady(1);
  }

  @AfterEach
  void stop() {
    assertThat(platform.lvmm().breaches()).isEmpty();
    platform.close();
  }

  private void awaitReady(long ready) {
    while ((disk.readBar(0, STATUS, 4) & 1) != ready) {
      Thread.onSpinWait();
    }
  }

  /// Has it write a page about itself.
  ///
  /// @return the command's status: 0 if it went well
  private long identify(long first, long second) {
    long entry = SUBMISSIONS + 64L * sent;
    for (int at = 0; at < 64; at += 8) {
      memory.store(entry + at, 8, 0);
    }
    memory.store(entry, 8, IDENTIFY);
    memory.store(entry + 24, 8, first);
    memory.store(entry + 32, 8, second);
    memory.store(entry + 40, 8, 1);
    long completion = COMPLETIONS + 16L * sent;
    sent++;
    disk.writeBar(0, DOORBELL, 4, sent);
    while ((memory.load(completion + 12, 4) & 0x1_0000) == 0) {
      Thread.onSpinWait();
    }
    return memory.load(completion + 12, 4) >>> 17;
  }

  private byte[] physical(long hpa) {
    byte[] page = new byte[PAGE];
    assertThat(platform.memory().map().read(hpa, MemorySegment.ofArray(page), 0, PAGE)).isTrue();
    return page;
  }

  private long refusals() {
    platform.readFaults();
    return events.stream()
        .filter(event ->
            event instanceof PlatformEvent.Fault(FaultEvent.Refused refused)
                && refused.partition().equals(Optional.of("user")))
        .count();
  }

  @Test
  void itsOwnMemoryIsReachedAndNothingElse() throws Exception {
    assertThat(identify(DATA, 0)).as("its own").isZero();
    assertThat(memory.load(DATA, 8)).isNotZero();
    assertThat(refusals()).isZero();

    long other = platform.partition("other").partition().window().first() + (12 << 20);
    for (long target : new long[] {MONITOR, FIRMWARE, other, INTERRUPTS, 1L << 40}) {
      boolean isMemory = target < 128 << 20;
      byte[] before = isMemory ? physical(target) : new byte[0];
      long told = refusals();

      assertThat(identify(target, 0)).as("%#x", target).isNotZero();
      // Begins in its own memory, and goes on elsewhere.
      assertThat(identify(DATA + PAGE / 2, target)).as("%#x", target).isNotZero();

      assertThat(refusals()).as("%#x", target).isGreaterThan(told);
      assertThat(isMemory ? physical(target) : before).as("%#x", target).isEqualTo(before);
    }
  }
}
