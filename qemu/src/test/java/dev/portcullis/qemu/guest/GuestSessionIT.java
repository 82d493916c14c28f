package dev.portcullis.qemu.guest;

import static dev.portcullis.qemu.guest.Fixtures.BOOT;
import static dev.portcullis.qemu.guest.Fixtures.SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.run.QemuCommandLine;
import dev.portcullis.qemu.run.QemuException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GuestSessionIT {

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(KernelVersion.class)
  void commandsRunAsRootAndBringBackOutputAndExitCode(KernelVersion version) throws Exception {
    var kernel = Fixtures.kernel(version);
    try (var guest = boot(version)) {
      var result = guest.run("uname -r; id -u; echo to stderr >&2; exit 7", SHORT);

      assertThat(result.text()).isEqualTo(kernel.release() + "\n0");
      assertThat(result.errorText()).isEqualTo("to stderr");
      assertThat(result.exitCode()).isEqualTo(7);
      guest.powerOff();
    }
  }

  @Test
  void everyByteOfTheOutputPassesUnchanged() throws Exception {
    try (var guest = boot(KernelVersion.LINUX_6_1)) {
      var bytes =
          guest.run("dd if=/dev/urandom of=/x bs=1k count=300 2>/dev/null; cat /x", SHORT).stdout();
      var sum = guest.run("sha256sum < /x", SHORT).text().substring(0, 64);

      assertThat(bytes).hasSize(300 << 10);
      assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
          .isEqualTo(sum);
    }
  }

  @Test
  void outputIsNeitherATerminalNorMixedWithTheKernels() throws Exception {
    try (var guest = boot(KernelVersion.LINUX_6_1)) {
      var result = guest.run("test -t 1; echo $?; echo from the kernel > /dev/kmsg", SHORT);

      assertThat(result.text()).isEqualTo("1");
      assertThat(result.errorText()).isEmpty();
      guest.process().console().await("from the kernel", SHORT);
    }
  }

  @Test
  void aDiskIsFormattedInTheGuestAndFoundCleanOnTheHost() throws Exception {
    var disk = Files.createFile(folder.resolve("disk"));
    try (var file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(16 << 20);
    }
    var kernel = Fixtures.kernel(KernelVersion.LINUX_6_12);
    var initramfs = Initramfs.of(Fixtures.tools()).ext4();
    var line =
        Fixtures.machine(kernel, initramfs, folder)
            .argument("-drive", "if=none,id=disk,format=raw,file=" + disk)
            .device("nvme,drive=disk,serial=1");
    try (var guest = GuestSession.boot(Fixtures.qemu(), line, BOOT)) {
      var result =
          guest.run(
              """
              set -e
              mkfs.ext4 -q /dev/nvme0n1
              mount /dev/nvme0n1 /mnt
              echo hello > /mnt/file
              umount /mnt
              """,
              SHORT);
      assertThat(result.succeeded()).as(result.toString()).isTrue();
      guest.powerOff();
    }
    var check = Fixtures.tools().checkExt4(disk);

    assertThat(check.exitCode()).as(check.output()).isZero();
    assertThat(check.output()).contains("Pass 5");
  }

  @Test
  void modulesAreLoadedWithWhatTheyDependOn() throws Exception {
    var kernel = Fixtures.kernel(KernelVersion.LINUX_6_12);
    var initramfs = Initramfs.of(Fixtures.tools()).modules(kernel).load("vfio-pci");
    var line = Fixtures.machine(kernel, initramfs, folder);
    try (var guest = GuestSession.boot(Fixtures.qemu(), line, BOOT)) {
      var loaded = guest.run("modprobe vfio_iommu_type1; cut -d' ' -f1 /proc/modules", SHORT);

      assertThat(loaded.text().lines())
          .contains("vfio_pci", "vfio_pci_core", "vfio", "irqbypass", "vfio_iommu_type1");
    }
  }

  @Test
  void theGuestTakesCommandsAgainAfterAReboot() throws Exception {
    var kernel = Fixtures.kernel(KernelVersion.LINUX_6_1);
    var line =
        Fixtures.machine(kernel, Initramfs.of(Fixtures.tools()), folder)
            .onReset(QemuCommandLine.OnReset.RESTART);
    try (var guest = GuestSession.boot(Fixtures.qemu(), line, BOOT)) {
      guest.run("touch /here", SHORT);
      guest.reboot(BOOT);

      assertThat(guest.run("test -e /here", SHORT).exitCode()).isEqualTo(1);
      guest.process().qmp().awaitEvent("RESET", SHORT);
    }
  }

  @Test
  void anAcpiTableReplacesTheFirmwares() throws Exception {
    var kernel = Fixtures.kernel(KernelVersion.LINUX_6_1);
    var initramfs = Initramfs.of(Fixtures.tools()).acpiTable("waet", waetOfRevision(2));
    var line = Fixtures.machine(kernel, initramfs, folder);
    try (var guest = GuestSession.boot(Fixtures.qemu(), line, BOOT)) {
      var log = guest.run("dmesg | grep WAET", SHORT);

      assertThat(log.text()).containsPattern("WAET .* BOCHS +BXPC +00000002");
    }
  }

  /// The smallest table that both QEMU and Linux know.
  private static byte[] waetOfRevision(int revision) {
    var table = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
    table.put("WAET".getBytes()).putInt(table.capacity()).put((byte) 1).put((byte) 0);
    table.put("BOCHS BXPC    ".getBytes()).putInt(revision);
    int sum = 0;
    for (byte b : table.array()) {
      sum += b;
    }
    return table.put(9, (byte) -sum).array();
  }

  @Test
  void poweroffAmongTheCommandsSwitchesOff() throws Exception {
    try (var guest = boot(KernelVersion.LINUX_6_1)) {
      assertThatThrownBy(() -> guest.run("poweroff", SHORT)).isInstanceOf(QemuException.class);

      assertThat(guest.process().awaitExit(SHORT)).hasValue(0);
    }
  }

  @Test
  void aCommandThatTakesTooLongFailsWithTheConsolesLastLines() throws Exception {
    try (var guest = boot(KernelVersion.LINUX_6_1)) {
      guest.run("echo last words > /dev/kmsg", SHORT);

      assertThatThrownBy(() -> guest.run("sleep 100", Duration.ofMillis(300)))
          .isInstanceOf(QemuException.class)
          .hasMessageContaining("sleep 100")
          .hasMessageContaining("last words");
    }
  }

  @Test
  void aGuestThatPanicsEndsTheSession() throws Exception {
    try (var guest = boot(KernelVersion.LINUX_6_1)) {
      assertThatThrownBy(() -> guest.run("echo c > /proc/sysrq-trigger; sleep 60", SHORT))
          .isInstanceOf(QemuException.class)
          .hasMessageContaining("the machine ended");
    }
  }

  @Test
  void aKilledMachineIsGoneAtOnce() throws Exception {
    try (var guest = boot(KernelVersion.LINUX_6_1)) {
      guest.process().kill();

      assertThat(guest.process().isAlive()).isFalse();
      assertThatThrownBy(() -> guest.run("true", SHORT)).isInstanceOf(QemuException.class);
    }
  }

  private GuestSession boot(KernelVersion version) throws Exception {
    var line = Fixtures.machine(Fixtures.kernel(version), Initramfs.of(Fixtures.tools()), folder);
    return GuestSession.boot(Fixtures.qemu(), line, BOOT);
  }
}
