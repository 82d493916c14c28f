package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.guest.LinuxPlan;
import dev.portcullis.qemu.guest.Initramfs;
import dev.portcullis.qemu.install.Kernel;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.install.ProgramTree;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.unit.Statistics;
import dev.portcullis.unit.observe.InvalidationKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A guest gives the NVMe function to a guest of its own: VFIO, on our unit, with addresses of the
/// inner guest, and interrupts through the unit's table. Nothing of the disk's data passes through
/// the outer guest's software.
///
/// Everything is emulated twice, so it takes minutes.
@Tag("slow")
class DirectAssignmentIT {
  private static final Duration LIMIT = Duration.ofMinutes(15);
  private static final String NVME = "0000:00:05.0";
  private static final String QEMU = "usr/bin/qemu-system-x86_64";
  private static final int PATTERN_BYTES = 1 << 20;

  /// What the inner guest does instead of starting a system.
  private static final String INNER =
      """
      #!/bin/busybox sh
      /bin/busybox mkdir -p /usr/bin /usr/sbin
      /bin/busybox --install -s /bin
      export PATH=/bin:/usr/bin
      mount -t devtmpfs devtmpfs /dev
      mount -t proc proc /proc
      i=0
      while [ ! -b /dev/nvme0n1 ] && [ $i -lt 300 ]; do sleep 0.2; i=$((i + 1)); done
      yes portcullis | head -c 1048576 > /pattern
      dd if=/pattern of=/dev/nvme0n1 bs=64k oflag=direct 2>/dev/null || echo "inner: write failed"
      dd if=/dev/nvme0n1 of=/copy bs=64k count=16 iflag=direct 2>/dev/null || echo "inner: read failed"
      cmp /pattern /copy && echo "inner: read what was written"
      echo "inner: outer data $(dd if=/dev/nvme0n1 bs=4k skip=512 count=1 iflag=direct 2>/dev/null | head -c 12)"
      sync
      poweroff -f
      """;

  @TempDir private static Path folder;

  @Test
  void anInnerGuestReadsAndWritesTheDiskItWasGiven() throws Exception {
    Path disk = folder.resolve("disk.img");
    LinuxPlan plan =
        Lab.plan(KernelVersion.LINUX_6_12)
            .machine(Lab.example("interrupt-remapping.yaml", disk).withMemory(1536L << 20))
            .files(DirectAssignmentIT::innerGuest);
    try (Guest guest = Guest.boot(plan)) {
      guest.shell("printf 'outer wrote ' | dd of=/dev/nvme0n1 bs=4k seek=512 conv=sync,fsync");
      bindTo(guest, "vfio-pci");
      Statistics before = unit(guest);

      String said = guest.shell(innerQemu(), LIMIT);

      assertThat(said)
          .contains("inner: read what was written")
          .contains("inner: outer data outer wrote ")
          .doesNotContain("failed");
      Statistics after = unit(guest);
      assertThat(after.requests() - before.requests()).isGreaterThan(2 * PATTERN_BYTES / 4096);
      assertThat(after.interrupts().remapped()).isGreaterThan(before.interrupts().remapped());
      assertThat(after.invalidations().get(InvalidationKind.IOTLB_PAGES))
          .isGreaterThan(before.invalidations().getOrDefault(InvalidationKind.IOTLB_PAGES, 0L));
      assertThat(after.faults()).isEmpty();

      bindTo(guest, "nvme");
      assertThat(guest.shell("head -c 11 /dev/nvme0n1")).isEqualTo("portcullis");
    }
    assertThat(first(disk, PATTERN_BYTES)).isEqualTo(pattern());
  }

  private static Statistics unit(Guest guest) {
    return guest.statistics().units().get("dmar0");
  }

  /// Takes the disk from the driver it has and gives it to `driver`.
  private static void bindTo(Guest guest, String driver) throws Exception {
    guest.shell(
        """
        modprobe vfio-pci
        modprobe vfio_iommu_type1
        echo %2$s > /sys/bus/pci/devices/%1$s/driver_override
        echo %1$s > /sys/bus/pci/devices/%1$s/driver/unbind
        echo %1$s > /sys/bus/pci/drivers_probe
        readlink /sys/bus/pci/devices/%1$s/driver | grep -q '/%2$s$'
        i=0
        while [ %2$s = nvme ] && [ ! -b /dev/nvme0n1 ] && [ $i -lt 100 ]; do
          sleep 0.1; i=$((i + 1))
        done
        """
            .formatted(NVME, driver));
  }

  private static String innerQemu() {
    return String.join(
        " ",
        "/" + QEMU,
        "-L /usr/share/qemu -L /usr/share/seabios -machine q35 -accel tcg -cpu qemu64 -m 128M",
        "-nodefaults -no-user-config -nic none -display none -no-reboot",
        "-kernel /inner/vmlinuz -initrd /inner/initramfs",
        "-append 'console=ttyS0 quiet rdinit=/inner.sh tsc=unstable'",
        "-serial stdio -device vfio-pci,host=" + NVME + ",rombar=0 < /dev/null 2>&1");
  }

  private static void innerGuest(Initramfs outer) {
    try {
      Kernel kernel = Lab.CACHE.kernel(KernelVersion.LINUX_6_12, Progress.none());
      ProgramTree qemu = Lab.CACHE.qemuTree(Progress.none());
      Path script = Files.writeString(folder.resolve("inner.sh"), INNER);
      Path inner = folder.resolve("inner");
      Initramfs.of(Lab.tools()).file("inner.sh", script).writeTo(inner);
      outer.program(qemu, QEMU);
      for (String data : new String[] {"usr/share/qemu", "usr/share/seabios"}) {
        try (Stream<Path> found = Files.list(qemu.root().resolve(data))) {
          found
              .filter(Files::isRegularFile)
              .forEach(file -> outer.file(data + "/" + file.getFileName(), file));
        }
      }
      outer.file("inner/vmlinuz", kernel.image()).file("inner/initramfs", inner);
    } catch (Exception e) {
      throw new AssertionError("the inner guest's files", e);
    }
  }

  private static String pattern() {
    return "portcullis\n".repeat(PATTERN_BYTES / 11 + 1).substring(0, PATTERN_BYTES);
  }

  private static String first(Path disk, int bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.READ)) {
      ByteBuffer data = ByteBuffer.allocate(bytes);
      while (data.hasRemaining() && channel.read(data) >= 0) {}
      return new String(data.array(), StandardCharsets.ISO_8859_1);
    }
  }
}
