package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.unit.Statistics;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
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

  /// What the peer has is pinged, fetched, checked and sent back.
  @ParameterizedTest
  @EnumSource(KernelVersion.class)
  void linuxPingsThePeerAndFetchesItsPages(KernelVersion version) throws Exception {
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
              wget -q -O - http://10.9.0.1/
              wget -q -O /bytes 'http://10.9.0.1/bytes?count=4000000&seed=7'
              echo "fetched $(sha256sum < /bytes | cut -d' ' -f1)"
              echo "hash $(wget -q -O - 'http://10.9.0.1/sha256?count=4000000&seed=7')"
              head='PUT /upload HTTP/1.0\\r\\nContent-Length: 4000000\\r\\n\\r\\n'
              echo "upload $( (printf "$head"; cat /bytes) | nc 10.9.0.1 80 | tail -n 1)"
              """);
      String hash = said.substring(said.indexOf("hash ") + 5, said.indexOf("hash ") + 69);
      assertThat(said)
          .startsWith("02:50:43:00:00:01")
          .contains("5 packets transmitted, 5 packets received, 0% packet loss")
          .contains("<h1>Portcullis peer</h1>")
          .contains("fetched " + hash)
          .contains("upload {\"bytes\":4000000,\"sha256\":\"" + hash + "\"}");
      Statistics unit = guest.statistics().units().get("dmar0");
      assertThat(unit.faultsInAll()).isZero();
      assertThat(unit.requests()).as("rings, headers and frames, both ways").isGreaterThan(50);
      assertThat(guest.log()).noneMatch(NicIT::isComplaint);
    }
  }

  /// Each processor pings through queues of its own.
  @Test
  void eachProcessorHasQueuesAndInterruptsOfItsOwn() throws Exception {
    var machine =
        MachineFile.parse(
            "queues.yaml",
            folder,
            "units: [{at: 00:04.0, profile: legacy}]\n"
                + "devices: [{type: virtio-net, at: 00:05.0, queue-pairs: 2}]");
    var plan =
        Lab.plan(KernelVersion.LINUX_6_12)
            .machine(machine)
            .processors(2)
            .append("intel_iommu=on")
            .append("iommu.strict=1");
    try (Guest guest = Guest.boot(plan)) {
      String said =
          guest.shell(
              """
              ip address add 10.9.0.2/24 dev eth0
              ip link set eth0 up
              taskset 1 ping -c 2 10.9.0.1
              taskset 2 ping -c 3 10.9.0.1
              """);
      assertThat(said)
          .contains("2 packets received, 0% packet loss", "3 packets received, 0% packet loss");
      assertThat(guest.shell("ls /sys/class/net/eth0/queues"))
          .isEqualToIgnoringNewLines("rx-0rx-1tx-0tx-1");
      String features = guest.shell("cat /sys/class/net/eth0/device/features");
      for (int bit : new int[] {0, 1, 11, 15, 17, 18, 19, 22, 23}) {
        assertThat(features.charAt(bit)).as("feature %d", bit).isEqualTo('1');
      }
      String interrupts = guest.shell("grep virtio0 /proc/interrupts");
      for (String queue : new String[] {"input.0", "input.1", "output.0", "output.1"}) {
        assertThat(interrupts).containsPattern("virtio0-" + queue.replace(".", "\\."));
      }
      for (String queue : new String[] {"input.0", "input.1"}) {
        assertThat(countOf(queue, interrupts)).as("%s in%n%s", queue, interrupts).isPositive();
      }
      assertThat(guest.statistics().units().get("dmar0").faultsInAll()).isZero();
    }
  }

  /// How often a queue has interrupted either processor.
  private static long countOf(String queue, String interrupts) {
    String line =
        interrupts.lines().filter(each -> each.endsWith("virtio0-" + queue)).findFirst().orElse("");
    String[] words = line.strip().split("\\s+");
    return Long.parseLong(words[1]) + Long.parseLong(words[2]);
  }
}
