package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.qemu.install.KernelVersion;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Guests come and go; units, devices and disks stay.
class LifeCycleIT {
  private static final Pattern UNIT_FOUND = Pattern.compile("DMAR: dmar0: reg_base_addr");
  private static final String READ = "dd if=/dev/nvme0n1 of=/dev/null bs=64k count=64 iflag=direct";

  @TempDir private Path folder;

  @Test
  void aGuestFindsUnitAndDiskAgainAfterEveryReboot() throws Exception {
    Path disk = folder.resolve("disk.img");
    var plan = Lab.plan(KernelVersion.LINUX_6_12).machine(Lab.standardMachine(disk));
    try (Guest guest = Guest.boot(plan.restartOnReset())) {
      guest.shell("echo kept over reboots | dd of=/dev/nvme0n1 conv=fsync 2>/dev/null");
      guest.reboot();
      assertUnitWorks(guest);
      guest.reboot();
      assertUnitWorks(guest);
      guest.shell("nohup %s </dev/null >/dev/null 2>&1 &".formatted(READ.replace("=64k", "=4k")));
      guest.pressReset();
      assertUnitWorks(guest);

      assertThat(UNIT_FOUND.matcher(guest.console()).results()).hasSize(4);
      assertThat(guest.log()).noneMatch(KernelMessage::isComplaintAboutUs);
      assertThat(guest.statistics().blocked()).isZero();
    }
  }

  private static void assertUnitWorks(Guest guest) throws Exception {
    long before = guest.statistics().walks();
    guest.shell(READ);

    assertThat(guest.shell("head -c 17 /dev/nvme0n1")).isEqualTo("kept over reboots");
    assertThat(guest.shell("dmesg | grep Queued"))
        .contains("DMAR: dmar0: Using Queued invalidation");
    assertThat(guest.statistics().walks()).isGreaterThan(before);
  }

  @Test
  void aFileSystemSurvivesTheKillingOfQemuInTheMiddleOfWrites() throws Exception {
    Path disk = folder.resolve("disk.img");
    var plan = Lab.plan(KernelVersion.LINUX_6_1).machine(Lab.standardMachine(disk));
    try (Guest guest = Guest.boot(plan)) {
      guest.shell(
          """
          mkfs.ext4 -q /dev/nvme0n1
          mount /dev/nvme0n1 /mnt
          dd if=/dev/urandom of=/mnt/synced bs=1M count=4 conv=fsync 2>/dev/null
          sync
          """);
      String sum = guest.shell("sha256sum < /mnt/synced");
      startWriting(guest);
      guest.pullThePlug();

      guest.boot();
      guest.shell("mount -t ext4 /dev/nvme0n1 /mnt");
      assertThat(guest.shell("dmesg | grep 'EXT4-fs (nvme0n1)'")).contains("recovery complete");
      assertThat(guest.shell("sha256sum < /mnt/synced")).isEqualTo(sum);
      guest.shell("ls /mnt/writer | head -n 1 | grep . && umount /mnt");
      assertThat(guest.log()).noneMatch(KernelMessage::isComplaintAboutUs);
      guest.powerOff();
    }
    var check = Lab.tools().checkExt4(disk);

    assertThat(check.exitCode()).as(check.output()).isZero();
  }

  /// Many synchronous writes of all sizes, without an end. Returns when they are well under way.
  private static void startWriting(Guest guest) throws Exception {
    guest.shell(
        """
        mkdir /mnt/writer
        (
          n=0
          while :; do
            n=$((n + 1))
            dd if=/dev/zero of=/mnt/writer/$n bs=32k count=$((n % 8 + 1)) conv=fsync
            rm -f /mnt/writer/$((n - 200))
          done
        ) </dev/null >/dev/null 2>&1 &
        until [ -e /mnt/writer/50 ]; do usleep 10000; done
        """);
  }
}
