package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.guest.UnitMode;
import dev.portcullis.machine.wiring.BlockedRequest;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.unit.request.Request;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/// A device that asks for memory nobody gave it gets nothing, and is told on.
///
/// One MiB of memory is kept from the kernel, so that only the device's DMA could change it.
@ParameterizedClass(name = "{0}, {1}")
@CsvSource({
  "LINUX_6_1, STRICT",
  "LINUX_6_12, STRICT",
  "LINUX_6_12, SECOND_STAGE",
  "LINUX_6_12, FIRST_STAGE",
  "LATEST, FIRST_STAGE"
})
record RogueDmaIT(KernelVersion kernel, UnitMode mode) {
  private static final long KEPT = 0x1000_0000L;
  private static final String KEEP = "memmap=1M$0x10000000";
  private static final int PAGE_BYTES = 4096;
  private static final RequesterId EDU = RequesterId.parse("00:06.0");
  private static final int STORM_STEP = 1000;

  @TempDir private static Path folder;
  private static Guest guest;
  private static Edu edu;
  private static PhysicalMemory memory;

  @BeforeParameterizedClassInvocation
  static void boot(KernelVersion kernel, UnitMode mode) throws Exception {
    Path disk = folder.resolve("%s-%s.img".formatted(kernel, mode));
    var plan = Lab.plan(kernel).machine(Lab.standardMachine(disk)).append(KEEP);
    guest = Guest.boot(plan.mode(mode));
    edu = Edu.enabledIn(guest);
    memory = PhysicalMemory.behind(edu.station());
  }

  @AfterParameterizedClassInvocation
  static void close() {
    guest.close();
  }

  private FaultReason writeRefusal() {
    return switch (mode) {
      case FIRST_STAGE -> FaultReason.FIRST_STAGE_NOT_PRESENT;
      case SECOND_STAGE -> FaultReason.SECOND_STAGE_NOT_PRESENT;
      default -> FaultReason.WRITE_NOT_PERMITTED;
    };
  }

  private FaultReason readRefusal() {
    return switch (mode) {
      case FIRST_STAGE -> FaultReason.FIRST_STAGE_NOT_PRESENT;
      case SECOND_STAGE -> FaultReason.SECOND_STAGE_NOT_PRESENT;
      default -> FaultReason.READ_NOT_PERMITTED;
    };
  }

  /// How Linux puts it.
  private static String reported(FaultReason reason) {
    return switch (reason) {
      case WRITE_NOT_PERMITTED -> " [fault reason 0x05] PTE Write access is not set";
      case READ_NOT_PERMITTED -> " [fault reason 0x06] PTE Read access is not set";
      case FIRST_STAGE_NOT_PRESENT ->
          " [fault reason 0x71] SM: Present bit in first-level paging entry is clear";
      case SECOND_STAGE_NOT_PRESENT ->
          " [fault reason 0x79] SM: Read/Write permission error in second-level paging entry";
      default -> throw new AssertionError(reason + " is not expected");
    };
  }

  /// Some kernels name the device with its segment.
  private static void awaitReport(String request, String what) throws Exception {
    guest.awaitLog(what);
    assertThat(guest.console())
        .containsPattern(
            "DMAR: \\[%s] Request device \\[(0000:)?00:06.0]%s"
                .formatted(request, Pattern.quote(what)));
  }

  @Test
  void aWriteIsBlockedReportedAndChangesNothing() throws Exception {
    byte[] pattern = memory.fill(KEPT, PAGE_BYTES);

    long result = edu.dma(Edu.BUFFER, KEPT, PAGE_BYTES, Edu.FROM_DEVICE);

    assertThat(result).isEqualTo(Edu.UNSUPPORTED_REQUEST);
    assertThat(edu.pciStatus() & Edu.MASTER_ABORT).isNotZero();
    assertThat(memory.read(KEPT, PAGE_BYTES)).isEqualTo(pattern);
    awaitReport("DMA Write NO_PASID", " fault addr 0x10000000" + reported(writeRefusal()));
    assertThat(guest.statistics().newestBlocked())
        .contains(new BlockedRequest(EDU, KEPT, Request.WRITE, Optional.of(writeRefusal())));
  }

  @Test
  void aReadIsBlockedAndReported() throws Exception {
    long secret = KEPT + 0x5000;

    long result = edu.dma(secret, Edu.BUFFER, 16, Edu.TO_DEVICE);

    assertThat(result).isEqualTo(Edu.UNSUPPORTED_REQUEST);
    assertThat(edu.pciStatus() & Edu.MASTER_ABORT).isNotZero();
    awaitReport("DMA Read NO_PASID", " fault addr 0x10005000" + reported(readRefusal()));
    assertThat(guest.statistics().newestBlocked())
        .contains(new BlockedRequest(EDU, secret, Request.READ, Optional.of(readRefusal())));
  }

  @Test
  void theDiskWorksOnAfterAFaultOfItsNeighbour() throws Exception {
    edu.dma(Edu.BUFFER, KEPT + 0x7000, 8, Edu.FROM_DEVICE);
    String sums =
        guest.shell(
            """
            dd if=/dev/urandom of=/data bs=64k count=16 2>/dev/null
            dd if=/data of=/dev/nvme0n1 bs=64k oflag=direct 2>/dev/null
            sha256sum < /data
            dd if=/dev/nvme0n1 bs=64k count=16 iflag=direct 2>/dev/null | sha256sum
            """);

    assertThat(sums.lines().distinct()).hasSize(1);
  }

  @Test
  void aStormOfFaultsHangsNeitherGuestNorDisk() throws Exception {
    byte[] pattern = memory.fill(KEPT, 64 * PAGE_BYTES);
    long before = guest.statistics().blocked();
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong asked = new AtomicLong();
    Thread storm =
        Thread.ofPlatform()
            .name("storm")
            .start(() -> {
              while (!over.get()) {
                edu.storm(KEPT, STORM_STEP);
                asked.addAndGet(STORM_STEP);
              }
            });
    try {
      guest.shell(
          """
          dd if=/dev/zero of=/dev/nvme0n1 bs=64k count=64 oflag=direct 2>/dev/null
          dd if=/dev/nvme0n1 of=/dev/null bs=4k count=64 iflag=direct 2>/dev/null
          """);
    } finally {
      over.set(true);
      storm.join();
    }

    assertThat(guest.statistics().blocked() - before).isEqualTo(asked.get()).isPositive();
    assertThat(memory.read(KEPT, 64 * PAGE_BYTES)).isEqualTo(pattern);
    assertThat(guest.shell("echo still here")).isEqualTo("still here");
  }

  /// The counter-test: it is the unit, and nothing else, that keeps the device out.
  @Test
  void theSameDmaPassesWhereTheUnitIsToldToLetItPass() throws Exception {
    Path disk = folder.resolve("%s-%s-pass-through.img".formatted(kernel, mode));
    var machine = mode.applyTo(Lab.standardMachine(disk));
    var plan = Lab.plan(kernel).machine(machine).append(KEEP);
    try (Guest open = Guest.boot(plan.mode(UnitMode.PASS_THROUGH))) {
      assertThat(Attachment.of(open, EDU)).isEqualTo(passThrough());
      Edu device = Edu.enabledIn(open);
      PhysicalMemory itsMemory = PhysicalMemory.behind(device.station());
      byte[] pattern = itsMemory.fill(KEPT, PAGE_BYTES);

      assertThat(device.dma(KEPT, Edu.BUFFER, PAGE_BYTES, Edu.TO_DEVICE)).isEqualTo(Edu.SUCCESS);
      assertThat(device.dma(Edu.BUFFER, KEPT + PAGE_BYTES, PAGE_BYTES, Edu.FROM_DEVICE))
          .isEqualTo(Edu.SUCCESS);
      assertThat(itsMemory.read(KEPT + PAGE_BYTES, PAGE_BYTES)).isEqualTo(pattern);
      assertThat(open.statistics().blocked()).isZero();
    }
  }

  private Attachment passThrough() {
    return new Attachment(
        mode == UnitMode.STRICT ? Attachment.Mode.LEGACY : Attachment.Mode.SCALABLE,
        Attachment.Type.PASS_THROUGH,
        0);
  }
}
