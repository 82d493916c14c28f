package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.guest.UnitMode;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.unit.Statistics;
import dev.portcullis.unit.observe.InvalidationKind;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Machines other than the usual one.
class OtherMachinesIT {
  private static final String WRITE_AND_READ_BACK =
      """
      dd if=/dev/urandom of=/data bs=1M count=4 2>/dev/null
      for disk in /dev/nvme*n1; do
        dd if=/data of=$disk bs=256k oflag=direct 2>/dev/null
        dd if=$disk bs=256k count=16 iflag=direct 2>/dev/null | cmp - /data
        echo $disk
      done
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(names = {"LINUX_6_1", "LINUX_6_12"})
  void aUnitOfTheFirstGenerationIsInvalidatedThroughRegisters(KernelVersion kernel)
      throws Exception {
    var machine = Lab.example("register-based.yaml", folder.resolve("disk.img"));
    try (Guest guest = Guest.boot(Lab.plan(kernel).machine(machine))) {
      assertThat(guest.console()).contains("DMAR: dmar0: Using Register based invalidation");
      assertThat(guest.shell(WRITE_AND_READ_BACK)).isEqualTo("/dev/nvme0n1");

      Statistics unit = guest.statistics().units().get("dmar0");
      assertThat(unit.waits()).isZero();
      assertThat(unit.invalidations()).containsKey(InvalidationKind.IOTLB_PAGES);
      assertThat(guest.log()).noneMatch(KernelMessage::isComplaintAboutUs);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aUnitWithTheFirstStageAloneIsUsedWithThat(KernelVersion kernel) throws Exception {
    var machine =
        MachineFile.parse(
            "first-stage.yaml",
            folder,
            """
            units:
              - at: 00:04.0
                profile: scalable
                features:
                  second-stage: false
                  nested-translation: false
                  second-stage-accessed-dirty: false
            devices: [{type: nvme, at: 00:05.0, size: 64M}]
            """);
    try (Guest guest = Guest.boot(Lab.plan(kernel).machine(machine).mode(UnitMode.FIRST_STAGE))) {
      assertThat(guest.shell(WRITE_AND_READ_BACK)).isEqualTo("/dev/nvme0n1");

      assertThat(Attachment.of(guest, RequesterId.parse("00:05.0")).type())
          .isEqualTo(Attachment.Type.FIRST_STAGE);
      Statistics unit = guest.statistics().units().get("dmar0");
      assertThat(unit.invalidations())
          .containsKey(InvalidationKind.PASID_IOTLB_PAGES)
          .doesNotContainKey(InvalidationKind.IOTLB_PAGES);
      assertThat(unit.faultsInAll()).isZero();
      assertThat(guest.log()).noneMatch(KernelMessage::isComplaintAboutUs);
    }
  }

  @Test
  void eachOfTwoUnitsDoesTheWorkOfItsOwnDevices() throws Exception {
    var machine = MachineFile.read(Lab.ROOT.resolve("examples/two-units.yaml"));
    var plan = Lab.plan(KernelVersion.LINUX_6_12).machine(machine);
    try (Guest guest = Guest.boot(plan)) {
      assertThat(guest.console())
          .contains("DMAR: dmar0: Using Queued invalidation")
          .contains("DMAR: dmar1: Using Queued invalidation");
      Map<String, Statistics> before = guest.statistics().units();
      assertThat(guest.shell(WRITE_AND_READ_BACK).lines())
          .containsExactly("/dev/nvme0n1", "/dev/nvme1n1");
      Edu edu = Edu.enabledIn(guest);
      assertThat(edu.dma(Edu.BUFFER, 0x1234_5000L, 8, Edu.FROM_DEVICE))
          .isEqualTo(Edu.UNSUPPORTED_REQUEST);
      Map<String, Statistics> after = guest.statistics().units();

      assertThat(after.get("storage").requests())
          .isGreaterThan(before.get("storage").requests() + 4 * 1024);
      assertThat(after.get("storage").faultsInAll()).isZero();
      assertThat(after.get("other").requests()).isEqualTo(before.get("other").requests() + 1);
      assertThat(after.get("other").faultsInAll()).isOne();
      guest.awaitLog("DMAR: [DMA Write NO_PASID] Request device [00:06.0] fault addr 0x12345000");
      assertThat(guest.shell("ls /sys/class/iommu/dmar1/devices")).isEqualTo("0000:00:06.0");
    }
  }
}
