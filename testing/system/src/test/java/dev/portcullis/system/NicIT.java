package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.unit.Statistics;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Linux's own virtio-net driver reaches the peer through the unit.
class NicIT {
  @TempDir private Path folder;

  /// That there is no I/O APIC behind the unit is not what this is about.
  private static boolean isComplaint(KernelMessage message) {
    return message.isComplaintAboutUs() && !message.text().startsWith("DMAR-IR:");
  }

  @ParameterizedTest
  @EnumSource(KernelVersion.class)
  void linuxPingsThePeer(KernelVersion version) throws Exception {
    var machine = Lab.example("nic.yaml", folder.resolve("no-disk"));
    var plan = Lab.plan(version).machine(machine).append("intel_iommu=on").append("iommu.strict=1");
    try (Guest guest = Guest.boot(plan)) {
      String said =
          guest.shell(
              """
              name=$(ls /sys/bus/pci/devices/0000:00:05.0/virtio*/net)
              cat /sys/class/net/$name/address
              ip address add 10.9.0.2/24 dev $name
              ip link set $name up
              ping -c 5 -s 1400 10.9.0.1
              """);
      assertThat(said)
          .startsWith("02:50:43:00:00:01")
          .contains("5 packets transmitted, 5 packets received, 0% packet loss");
      Statistics unit = guest.statistics().units().get("dmar0");
      assertThat(unit.faultsInAll()).isZero();
      assertThat(unit.requests()).as("rings, headers and frames, both ways").isGreaterThan(50);
      assertThat(guest.log()).noneMatch(NicIT::isComplaint);
    }
  }
}
