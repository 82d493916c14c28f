package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.guest.LinuxPlan.IoApic;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.unit.Statistics;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A guest that is told of its I/O APIC remaps no interrupts, since that is not behind our unit,
/// and works all the same.
class IoApicIT {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(names = {"LINUX_6_1", "LATEST"})
  void aKernelThatSeesTheIoApicLeavesInterruptsAsTheyAre(KernelVersion kernel) throws Exception {
    var machine = Lab.example("interrupt-remapping.yaml", folder.resolve("disk.img"));
    try (Guest guest = Guest.boot(Lab.plan(kernel).machine(machine).ioApic(IoApic.SHOWN))) {
      assertThat(guest.console())
          .contains("DMAR: Intel(R) Virtualization Technology for Directed I/O")
          .doesNotContain("DMAR-IR: Enabled IRQ remapping");
      guest.shell("dd if=/dev/nvme0n1 of=/dev/null bs=64k count=16 iflag=direct");
      assertThat(guest.shell("grep nvme /proc/interrupts")).doesNotContain("IR-");

      Statistics.Interrupts interrupts = guest.statistics().units().get("dmar0").interrupts();
      assertThat(interrupts.passed()).isPositive();
      assertThat(interrupts.remapped()).isZero();
    }
  }
}
