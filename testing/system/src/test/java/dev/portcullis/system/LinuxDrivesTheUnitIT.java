package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.PlatformStatistics;
import dev.portcullis.machine.guest.UnitMode;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.system.Attachment.Mode;
import dev.portcullis.system.Attachment.Type;
import dev.portcullis.unit.Statistics;
import dev.portcullis.unit.observe.InvalidationKind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/// Every kernel in every mode finds the unit, uses it as asked, and does all transfers through it.
@ParameterizedClass(name = "Linux {0}, {1}")
@CsvSource({
  "LINUX_6_1, STRICT",
  "LINUX_6_1, LAZY",
  "LINUX_6_1, PASS_THROUGH",
  "LINUX_6_1, CACHING_MODE",
  "LINUX_6_1, FIRST_STAGE",
  "LINUX_6_1, SECOND_STAGE",
  "LINUX_6_12, STRICT",
  "LINUX_6_12, LAZY",
  "LINUX_6_12, PASS_THROUGH",
  "LINUX_6_12, CACHING_MODE",
  "LINUX_6_12, FIRST_STAGE",
  "LINUX_6_12, SECOND_STAGE",
  "LATEST, STRICT",
  "LATEST, LAZY",
  "LATEST, PASS_THROUGH",
  "LATEST, CACHING_MODE",
  "LATEST, FIRST_STAGE",
  "LATEST, SECOND_STAGE"
})
record LinuxDrivesTheUnitIT(KernelVersion kernel, UnitMode mode) {
  private static final long TRANSFER_BYTES = 64L << 20;
  private static final long TRANSFER_PAGES = TRANSFER_BYTES / 4096;
  private static final long CACHING_MODE = 1L << 7;

  /// Linux 6.1 says so whenever a unit in legacy mode announces caching mode.
  private static final String NO_SCALABLE_MODE =
      "DMAR: VT-d Scalable Mode not enabled, no PASID allocation";

  private static final RequesterId DISK = RequesterId.parse("00:05.0");
  private static final RequesterId EDU = RequesterId.parse("00:06.0");

  /// Memory is shared with processors by the first stage, which such a unit lacks.
  private static final String NO_SHARED_MEMORY =
      "dmar0 SVM disabled, incompatible 1GB page capability";

  private static final String SUM =
      "dd if=/dev/nvme0n1 bs=64k count=16 iflag=direct 2>/dev/null | sha256sum";

  @TempDir private static Path folder;
  private static Path disk;
  private static Guest guest;

  @BeforeParameterizedClassInvocation
  static void boot(KernelVersion kernel, UnitMode mode) throws Exception {
    disk = folder.resolve("%s-%s.img".formatted(kernel, mode));
    guest = Guest.boot(Lab.plan(kernel).mode(mode).machine(Lab.standardMachine(disk)));
  }

  @AfterParameterizedClassInvocation
  static void close() {
    guest.close();
  }

  @Test
  void theKernelFindsTheUnitAndUsesItsQueue() {
    assertThat(guest.console())
        .containsPattern("DMAR: dmar0: reg_base_addr [0-9a-f]+ ver 1:0 cap [0-9a-f]+ ecap")
        .contains("DMAR: dmar0: Using Queued invalidation")
        .contains("DMAR: Intel(R) Virtualization Technology for Directed I/O");
  }

  @Test
  void theKernelHasNothingToComplainAbout() throws Exception {
    assertThat(guest.log())
        .hasSizeGreaterThan(100)
        .filteredOn(KernelMessage::isComplaintAboutUs)
        .extracting(KernelMessage::text)
        .isSubsetOf(
            switch (mode) {
              case CACHING_MODE -> List.of(NO_SCALABLE_MODE);
              case SECOND_STAGE -> List.of(NO_SHARED_MEMORY);
              default -> List.of();
            });
  }

  @Test
  void bothDevicesAreInGroupsOfTheTypeAskedFor() throws Exception {
    String type =
        switch (mode) {
          case STRICT, CACHING_MODE, FIRST_STAGE, SECOND_STAGE -> "DMA";
          case LAZY -> "DMA-FQ";
          case PASS_THROUGH -> "identity";
          case OFF -> throw new AssertionError("not a mode under test");
        };

    assertThat(groupTypeOf("0000:00:05.0")).isEqualTo(type);
    assertThat(groupTypeOf("0000:00:06.0")).isEqualTo(type);
  }

  private static String groupTypeOf(String device) throws Exception {
    return guest.shell("cat /sys/bus/pci/devices/%s/iommu_group/type".formatted(device));
  }

  /// Linux makes addresses as wide as the unit allows.
  @Test
  void theTablesAreThoseOfTheMode() {
    for (RequesterId device : List.of(DISK, EDU)) {
      Attachment attachment = Attachment.of(guest, device);

      assertThat(attachment.mode()).isEqualTo(isScalable() ? Mode.SCALABLE : Mode.LEGACY);
      assertThat(attachment.type())
          .isEqualTo(
              switch (mode) {
                case PASS_THROUGH -> Type.PASS_THROUGH;
                case FIRST_STAGE -> Type.FIRST_STAGE;
                default -> Type.SECOND_STAGE;
              });
      assertThat(attachment.levels())
          .isEqualTo(
              switch (mode) {
                case PASS_THROUGH -> 0;
                case FIRST_STAGE, SECOND_STAGE -> 5;
                default -> 4;
              });
    }
  }

  private boolean isScalable() {
    return mode == UnitMode.FIRST_STAGE || mode == UnitMode.SECOND_STAGE;
  }

  /// Each stage has a descriptor of its own for what is unmapped.
  @Test
  void whatIsUnmappedIsInvalidatedInTheStageOfTheMode() throws Exception {
    guest.shell("dd if=/dev/nvme0n1 of=/dev/null bs=64k count=16 iflag=direct");
    var kinds = unit().invalidations().keySet();

    switch (mode) {
      case FIRST_STAGE ->
          assertThat(kinds)
              .contains(InvalidationKind.PASID_IOTLB_PAGES)
              .doesNotContain(InvalidationKind.IOTLB_PAGES);
      case STRICT, CACHING_MODE, SECOND_STAGE ->
          assertThat(kinds)
              .contains(InvalidationKind.IOTLB_PAGES)
              .doesNotContain(InvalidationKind.PASID_IOTLB_PAGES);
      default -> assertThat(kinds).doesNotContain(InvalidationKind.PASID_IOTLB_PAGES);
    }
  }

  /// A group changes its type while its device has no driver: the entry of the device is replaced.
  @Test
  void theDiskPassesThroughWhenItsGroupIsToldTo() throws Exception {
    String type = groupTypeOf("0000:00:05.0");
    Attachment usual = Attachment.of(guest, DISK);
    String sum = guest.shell(SUM);
    Statistics before = unit();

    changeTypeOfTheDisk(mode == UnitMode.PASS_THROUGH ? "DMA" : "identity");
    Attachment changed = Attachment.of(guest, DISK);
    String sumMeanwhile = guest.shell(SUM);
    changeTypeOfTheDisk(type);
    Statistics after = unit();

    assertThat(changed.mode()).isEqualTo(usual.mode());
    assertThat(changed.type())
        .isEqualTo(mode == UnitMode.PASS_THROUGH ? Type.SECOND_STAGE : Type.PASS_THROUGH);
    assertThat(Attachment.of(guest, DISK)).isEqualTo(usual);
    assertThat(List.of(sumMeanwhile, guest.shell(SUM))).containsOnly(sum);
    InvalidationKind replaced =
        isScalable() ? InvalidationKind.PASID_SELECTIVE : InvalidationKind.CONTEXT_DEVICE;
    assertThat(count(replaced, after) - count(replaced, before)).isGreaterThanOrEqualTo(2);
  }

  private static void changeTypeOfTheDisk(String type) throws Exception {
    guest.shell(
        """
        cd /sys/bus/pci/drivers/nvme
        echo 0000:00:05.0 > unbind
        echo %s > /sys/bus/pci/devices/0000:00:05.0/iommu_group/type
        echo 0000:00:05.0 > bind
        until [ -b /dev/nvme0n1 ]; do :; done
        """
            .formatted(type));
  }

  private static Statistics unit() {
    return guest.statistics().units().get("dmar0");
  }

  private static long count(InvalidationKind kind, Statistics statistics) {
    return statistics.invalidations().getOrDefault(kind, 0L);
  }

  @Test
  void theUnitAnnouncesCachingModeOnlyWhereAskedFor() throws Exception {
    String capabilities = guest.shell("cat /sys/class/iommu/dmar0/intel-iommu/cap");

    assertThat((Long.parseUnsignedLong(capabilities, 16) & CACHING_MODE) != 0)
        .isEqualTo(mode == UnitMode.CACHING_MODE);
  }

  @Test
  void whatIsWrittenToTheDiskIsReadBackUnchanged() throws Exception {
    PlatformStatistics before = guest.statistics();
    String sums =
        guest.shell(
            """
            dd if=/dev/urandom of=/data bs=1M count=64 2>/dev/null
            sha256sum < /data
            dd if=/data of=/dev/nvme0n1 bs=1M oflag=direct 2>/dev/null
            rm /data
            dd if=/dev/nvme0n1 bs=1M count=64 iflag=direct 2>/dev/null | sha256sum
            """);
    PlatformStatistics after = guest.statistics();
    String sum = sums.substring(0, 64);

    assertThat(sums.lines()).containsExactly(sum + "  -", sum + "  -");
    assertThat(Sha256.of(disk, TRANSFER_BYTES)).isEqualTo(sum);
    assertThat(after.requests() - before.requests()).isGreaterThan(2 * TRANSFER_PAGES);
    assertThat(after.interrupts()).isGreaterThan(before.interrupts());
  }

  @Test
  void aFileSystemMadeInTheGuestIsCleanOnTheHost() throws Exception {
    guest.shell(
        """
        mkfs.ext4 -q -F /dev/nvme0n1
        mount /dev/nvme0n1 /mnt
        mkdir /mnt/folder
        for n in $(seq 100); do echo "file $n" > /mnt/folder/$n; done
        dd if=/dev/urandom of=/mnt/large bs=1M count=8 conv=fsync 2>/dev/null
        rm /mnt/folder/7
        umount /mnt
        """);
    var check = Lab.tools().checkExt4(disk);

    assertThat(check.exitCode()).as(check.output()).isZero();
    assertThat(check.output()).contains("Pass 5").containsPattern(": 1[0-9]{2}/\\d+ files");
  }

  @Test
  void translationIsTheUnitsOwnWork() throws Exception {
    Statistics before = unit();
    guest.shell("dd if=/dev/nvme0n1 of=/dev/null bs=64k count=16 iflag=direct");
    Statistics after = unit();

    assertThat(after.contextsFetched()).isPositive();
    assertThat(after.invalidationsInAll()).isPositive();
    assertThat(after.faults()).isEmpty();
    if (mode == UnitMode.PASS_THROUGH) {
      assertThat(after.pagingEntriesFetched()).isEqualTo(before.pagingEntriesFetched());
    } else {
      assertThat(after.walks()).isPositive();
      assertThat(after.pagingEntriesFetched()).isPositive();
    }
  }

  /// The profile of scalable mode remaps interrupts, too.
  @Test
  void noInterruptIsLost() throws Exception {
    guest.shell("dd if=/dev/nvme0n1 of=/dev/null bs=4k count=64 iflag=direct");

    assertThat(guest.statistics().lostInterrupts()).isZero();
    assertThat(List.of(guest.shell("grep nvme /proc/interrupts").split("\n")))
        .isNotEmpty()
        .allMatch(line -> line.contains(isScalable() ? " IR-PCI-MSI" : " PCI-MSI"));
    assertThat(unit().interrupts().remapped() >= 64).isEqualTo(isScalable());
  }
}
