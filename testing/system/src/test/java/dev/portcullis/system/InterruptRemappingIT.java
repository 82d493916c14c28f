package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.wiring.BlockedRequest;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.unit.Statistics;
import dev.portcullis.unit.request.Request;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/// Linux lets the interrupts of our devices go through the unit's table, in every form it knows,
/// and a device that forges one is told on.
@ParameterizedClass(name = "Linux {0}, {1}")
@CsvSource({
  "LINUX_6_1, X2APIC",
  "LINUX_6_1, XAPIC_AND_MSI",
  "LINUX_6_12, X2APIC",
  "LINUX_6_12, XAPIC_AND_MSI",
  "LINUX_6_12, OPT_OUT",
  "LATEST, X2APIC",
  "LATEST, XAPIC_AND_MSI"
})
record InterruptRemappingIT(KernelVersion kernel, Variant variant) {
  private static final RequesterId EDU = RequesterId.parse("00:06.0");
  private static final long COMPATIBLE = 0xfee0_1000L;
  private static final long REMAPPABLE = 0xfee0_0010L;
  private static final int ENTRIES_TRIED = 4;

  /// What the unit offers, what the machine says of it, and what the disk has.
  enum Variant {
    /// Wide destinations, MSI-X.
    X2APIC("extended-interrupt-mode: true", "msi-x", "", 1, "x2apic"),
    /// No wide destinations, and a disk that has nothing but MSI.
    XAPIC_AND_MSI("extended-interrupt-mode: false", "msi", "", 1, "xapic"),
    /// Wide destinations that software is asked not to use, and two processors.
    OPT_OUT("extended-interrupt-mode: true", "msi-x", "x2apic: opt-out", 2, "xapic");

    private final String feature;
    private final String messages;
    private final String machineSays;
    private final int processors;
    private final String mode;

    Variant(String feature, String messages, String machineSays, int processors, String mode) {
      this.feature = feature;
      this.messages = messages;
      this.machineSays = machineSays;
      this.processors = processors;
      this.mode = mode;
    }

    private MachineDescription machine(Path disk) throws Exception {
      return MachineFile.parse(
          "interrupts.yaml",
          disk.getParent(),
          """
          %s
          units:
            - at: 00:04.0
              features: {interrupt-remapping: true, %s}
          devices:
            - {type: nvme, at: 00:05.0, interrupts: %s, file: %s}
            - {type: edu, at: 00:06.0}
          """
              .formatted(machineSays, feature, messages, disk));
    }

    /// What `/proc/interrupts` says of an interrupt of the disk.
    private Pattern line() {
      return Pattern.compile(
          messages.equals("msi")
              ? ".* IR-PCI-MSI(-0000:00:05.0)? .*nvme.*"
              : ".* IR-PCI-MSI(X-0000:00:05.0)? .*nvme.*");
    }
  }

  @TempDir private static Path folder;
  private static Guest guest;
  private static Edu edu;

  @BeforeParameterizedClassInvocation
  static void boot(KernelVersion kernel, Variant variant) throws Exception {
    Path disk = folder.resolve("%s-%s.img".formatted(kernel, variant));
    guest =
        Guest.boot(Lab.plan(kernel).machine(variant.machine(disk)).processors(variant.processors));
    edu = Edu.enabledIn(guest);
  }

  @AfterParameterizedClassInvocation
  static void close() {
    guest.close();
  }

  private static Statistics unit() {
    return guest.statistics().units().get("dmar0");
  }

  @Test
  void theKernelRemapsInterruptsInTheModeAskedFor() throws Exception {
    assertThat(guest.console())
        .contains("DMAR-IR: Enabled IRQ remapping in %s mode".formatted(variant.mode));
    assertThat(guest.shell("nproc")).isEqualTo("" + variant.processors);
    assertThat(guest.log())
        .filteredOn(KernelMessage::isComplaintAboutUs)
        .extracting(KernelMessage::text)
        .allMatch(text -> text.contains("INTR-REMAP") || text.contains("DRHD: handling fault"));
  }

  @Test
  void theDisksInterruptsComeThroughTheTable() throws Exception {
    Statistics.Interrupts before = unit().interrupts();
    long seenBefore = interruptsSeenByTheKernel();
    String sums =
        guest.shell(
            """
            dd if=/dev/urandom of=/data bs=1M count=4 2>/dev/null
            dd if=/data of=/dev/nvme0n1 bs=64k oflag=direct 2>/dev/null
            sha256sum < /data
            dd if=/dev/nvme0n1 bs=64k count=64 iflag=direct 2>/dev/null | sha256sum
            """);
    long seen = interruptsSeenByTheKernel() - seenBefore;
    Statistics.Interrupts after = unit().interrupts();

    assertThat(sums.lines().distinct()).hasSize(1);
    assertThat(after.remapped() - before.remapped()).isGreaterThanOrEqualTo(seen);
    assertThat(seen).isGreaterThanOrEqualTo(64);
    assertThat(after.passed()).as("as they were, while remapping was off").isZero();
    assertThat(after.entriesFetched()).isLessThan(after.remapped());
    assertThat(List.of(guest.shell("grep nvme /proc/interrupts").split("\n")))
        .hasSizeGreaterThanOrEqualTo(variant.processors)
        .allMatch(line -> variant.line().matcher(line).matches());
    assertThat(guest.statistics().lostInterrupts()).isZero();
  }

  /// The disk's, on all processors.
  private long interruptsSeenByTheKernel() throws Exception {
    return guest
        .shell("grep nvme /proc/interrupts")
        .lines()
        .flatMap(line -> Arrays.stream(line.strip().split(" +")).skip(1).limit(variant.processors))
        .mapToLong(Long::parseLong)
        .sum();
  }

  /// The first entries are the disk's: no other device may use them. They come second, since the
  /// kernel reports only so many faults in five seconds.
  @Test
  void aForgedMessageIsBlockedAndReported() throws Exception {
    assertThat(edu.dma(Edu.BUFFER, COMPATIBLE, 4, Edu.FROM_DEVICE))
        .isEqualTo(Edu.UNSUPPORTED_REQUEST);
    guest.awaitLog(
        "fault index 0x0 [fault reason 0x25] Blocked a compatibility format interrupt request");
    for (int index = 0; index < ENTRIES_TRIED; index++) {
      assertThat(edu.dma(Edu.BUFFER, REMAPPABLE | index << 5, 4, Edu.FROM_DEVICE))
          .isEqualTo(Edu.UNSUPPORTED_REQUEST);
    }

    assertThat(guest.statistics().newestBlocked())
        .contains(
            new BlockedRequest(
                EDU,
                COMPATIBLE,
                Request.WRITE,
                Optional.of(FaultReason.COMPATIBILITY_FORMAT_BLOCKED)));
    assertThat(unit().faults()).containsKey(FaultReason.SOURCE_NOT_VALID);
    assertThat(guest.console())
        .containsPattern("INTR-REMAP] Request device \\[(0000:)?00:06.0] fault index 0x0");
  }
}
