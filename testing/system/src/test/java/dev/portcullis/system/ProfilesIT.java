package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.unit.Statistics;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Linux takes the units of the profiles for what they say they are, and uses them.
class ProfilesIT {
  private static final String WRITE_AND_READ_BACK =
      """
      dd if=/dev/urandom of=/data bs=1M count=4 2>/dev/null
      dd if=/data of=/dev/nvme0n1 bs=256k oflag=direct 2>/dev/null
      dd if=/dev/nvme0n1 bs=256k count=16 iflag=direct 2>/dev/null | cmp - /data && echo same
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"vtd-2007", "client-39bit", "server-legacy", "aggressive-caching"})
  void linuxUsesAUnitOfTheProfile(String profile) throws Exception {
    var machine = Lab.example(profile + ".yaml", folder.resolve("disk.img"));
    Capabilities announced = machine.units().getFirst().configuration().capabilities();
    try (Guest guest = Guest.boot(Lab.plan(KernelVersion.LINUX_6_12).machine(machine))) {
      assertThat(guest.console())
          .contains(
              "ver 1:0 cap %x ecap %x"
                  .formatted(announced.capability().word(), announced.extended().word()));
      assertThat(guest.shell(WRITE_AND_READ_BACK)).isEqualTo("same");

      Statistics unit = guest.statistics().units().get("dmar0");
      assertThat(unit.requests()).isGreaterThan(1024);
      assertThat(unit.faultsInAll()).isZero();
      assertThat(guest.log()).noneMatch(KernelMessage::isComplaintAboutUs);
    }
  }
}
