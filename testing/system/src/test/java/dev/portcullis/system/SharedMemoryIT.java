package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.unit.Statistics;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Linux finds the translation services of our devices and uses them: its disk remembers
/// translations until Linux has it forget them.
class SharedMemoryIT {
  private static final String DISK = "/sys/bus/pci/devices/0000:00:05.0";
  private static final String ENGINE = "/sys/bus/pci/devices/0000:00:06.0";

  private static final String WRITE_AND_READ_BACK =
      """
      dd if=/dev/urandom of=/data bs=1M count=8 2>/dev/null
      dd if=/data of=/dev/nvme0n1 bs=256k oflag=direct 2>/dev/null
      dd if=/dev/nvme0n1 bs=256k count=32 iflag=direct 2>/dev/null | cmp - /data
      """;

  @TempDir private Path folder;

  /// The doublewords of extended configuration space at `offset`.
  private static String extended(Guest guest, String function, int offset, int count)
      throws Exception {
    return guest
        .shell("od -An -tx4 -j%d -N%d %s/config".formatted(offset, 4 * count, function))
        .strip()
        .replaceAll("\\s+", " ");
  }

  /// That there is no I/O APIC behind the unit is not what this is about.
  private static boolean isComplaint(KernelMessage message) {
    return message.isComplaintAboutUs() && !message.text().startsWith("DMAR-IR:");
  }

  private static void assertUsed(Guest guest) throws Exception {
    guest.shell(WRITE_AND_READ_BACK);
    assertThat(extended(guest, DISK, 0x100, 2)).as("ATS, enabled").isEqualTo("0001000f 80000060");
    Statistics unit = guest.statistics().units().get("dmar0");
    assertThat(unit.ats().invalidations()).isPositive();
    assertThat(unit.ats().timeOuts()).isZero();
    assertThat(unit.faultsInAll()).isZero();
    assertThat(guest.log()).noneMatch(SharedMemoryIT::isComplaint);
  }

  @ParameterizedTest
  @EnumSource(KernelVersion.class)
  void linuxUsesTheDeviceTlbOfADiskInScalableMode(KernelVersion kernel) throws Exception {
    var machine = Lab.example("shared-memory.yaml", folder.resolve("disk.img"));
    try (Guest guest = Guest.boot(Lab.plan(kernel).machine(machine).append("intel_iommu=sm_on"))) {
      assertUsed(guest);
      assertThat(extended(guest, ENGINE, 0x100, 8))
          .as("ATS, enabled; PASID; page requests, which some kernels enable")
          .startsWith("1081000f 80000060 1101001b ")
          .contains("140e 00010013 8");
    }
  }

  @Test
  void linuxUsesTheDeviceTlbOfADiskInLegacyMode() throws Exception {
    MachineDescription machine =
        MachineFile.parse(
            "legacy.yaml",
            folder,
            """
            units: [{at: 00:04.0, preset: legacy, features: {device-tlbs: true}}]
            devices: [{type: nvme, at: 00:05.0, size: 64M, device-tlb: true}]
            """);
    try (Guest guest = Guest.boot(Lab.plan(KernelVersion.LINUX_6_12).machine(machine))) {
      assertUsed(guest);
    }
  }

  /// The engine is nobody's here: root drives it by hand, in the function's own address space, in
  /// which nothing is mapped. It learns that from a translation, and no fault is recorded.
  @Test
  void aMissingPageIsAnAnswerAndNoFault() throws Exception {
    var machine = Lab.example("shared-memory.yaml", folder.resolve("disk.img"));
    var plan = Lab.plan(KernelVersion.LINUX_6_12).machine(machine).append("intel_iommu=sm_on");
    try (Guest guest = Guest.boot(plan)) {
      String found =
          guest.shell(
              """
              echo 1 > %1$s/enable
              printf '\\006' | dd of=%1$s/config bs=1 seek=4 conv=notrunc 2>/dev/null
              read window rest < %1$s/resource
              put() { devmem $((window + $1)) 32 $2; }
              get() { devmem $((window + $1)) 32; }
              put 0x1010 0x7000
              put 0x1018 4
              put 0x1000 1
              put 0x101c 1
              while [ $(($(get 0x1004) & 3)) -ne 3 ]; do :; done
              get 0x1004
              get 0x1028
              get 0x0010
              """
                  .formatted(ENGINE));
      assertThat(found.lines())
          .as("halted, unreadable ring; where; translations asked for")
          .containsExactly("0x00000103", "0x00007000", "0x00000001");
      assertThat(guest.log()).noneMatch(message -> message.text().startsWith("DMAR: [DMA"));
      assertThat(guest.shell("od -An -tx2 -j6 -N2 %s/config".formatted(ENGINE)).strip())
          .as("no request was refused")
          .isEqualTo("0010");
    }
  }
}
