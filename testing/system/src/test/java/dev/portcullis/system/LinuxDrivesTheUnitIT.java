package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.PlatformStatistics;
import dev.portcullis.machine.guest.UnitMode;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.unit.Statistics;
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
  "LINUX_6_1, STRICT", "LINUX_6_1, LAZY", "LINUX_6_1, PASS_THROUGH", "LINUX_6_1, CACHING_MODE",
  "LINUX_6_12, STRICT", "LINUX_6_12, LAZY", "LINUX_6_12, PASS_THROUGH", "LINUX_6_12, CACHING_MODE"
})
record LinuxDrivesTheUnitIT(KernelVersion kernel, UnitMode mode) {
  private static final long TRANSFER_BYTES = 64L << 20;
  private static final long TRANSFER_PAGES = TRANSFER_BYTES / 4096;
  private static final long CACHING_MODE = 1L << 7;

  /// Linux 6.1 says so whenever a unit in legacy mode announces caching mode.
  private static final String NO_SCALABLE_MODE =
      "DMAR: VT-d Scalable Mode not enabled, no PASID allocation";

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
        .isSubsetOf(mode == UnitMode.CACHING_MODE ? List.of(NO_SCALABLE_MODE) : List.of());
  }

  @Test
  void bothDevicesAreInGroupsOfTheTypeAskedFor() throws Exception {
    String type =
        switch (mode) {
          case STRICT, CACHING_MODE -> "DMA";
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
    guest.shell("dd if=/dev/nvme0n1 of=/dev/null bs=64k count=16 iflag=direct");
    Statistics unit = guest.statistics().units().get("dmar0");

    assertThat(unit.contextsFetched()).isPositive();
    assertThat(unit.invalidationsInAll()).isPositive();
    assertThat(unit.faults()).isEmpty();
    if (mode == UnitMode.PASS_THROUGH) {
      assertThat(unit.pagingEntriesFetched()).isZero();
    } else {
      assertThat(unit.walks()).isPositive();
      assertThat(unit.pagingEntriesFetched()).isPositive();
    }
  }

  @Test
  void noInterruptIsLost() throws Exception {
    guest.shell("dd if=/dev/nvme0n1 of=/dev/null bs=4k count=64 iflag=direct");

    assertThat(guest.statistics().lostInterrupts()).isZero();
    assertThat(List.of(guest.shell("grep nvme /proc/interrupts").split("\n")))
        .isNotEmpty()
        .allMatch(line -> line.contains("MSI"));
  }
}
