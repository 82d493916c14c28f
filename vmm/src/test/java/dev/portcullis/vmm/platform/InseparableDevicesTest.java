package dev.portcullis.vmm.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.pci.ConfigRegisters;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.platform.Examiner.Outcome;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformDescription.Step;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A platform with a device behind a bridge, one of several functions, and one that the firmware
/// uses.
class InseparableDevicesTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: old, type: edu, at: 00:05.0, requester-id: 00:1e.0}
        - {name: disk, type: nvme, at: 00:06.0, size: 8M, requester-id: 00:1e.0}
        - {name: first, type: edu, at: 00:07.0}
        - {name: second, type: edu, at: 00:07.1}
        - {name: keyboard, type: edu, at: 00:08.0, reserved-memory: {at: 0x7f80000, size: 4K}}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24,
           devices: [old, disk, first, second]}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
      links:
        - between: [user, services]
      faults:
        - {name: second, devices: [second], do: [stop-device]}
      expect:
        - {does: disk, from: user, bytes: 4M}
        - {does: attack, from: user, device: old, target: other-partition}
        - {does: attack, from: user, device: first, target: monitor}
        - {does: attack, from: user, device: second, target: firmware}
        - {does: stopped, from: user, device: second}
        - {does: invisible, from: user, device: keyboard}
      """;

  @TempDir private Path folder;

  /// Has an edu device write a word, past all software.
  ///
  /// @return how that ended: 1 for well
  private static long write(PciFunction edu, long address) {
    edu.writeConfig(ConfigRegisters.COMMAND, 2, 6);
    edu.writeBar(0, 0x80, 8, 0x4_0000);
    edu.writeBar(0, 0x88, 8, address);
    edu.writeBar(0, 0x90, 8, 4);
    edu.writeBar(0, 0x98, 8, 3);
    while ((edu.readBar(0, 0x98, 8) & 1) != 0) {
      Thread.onSpinWait();
    }
    return edu.readBar(0, 0xa0, 8);
  }

  @Test
  void theFirmwaresDeviceReachesWhatTheFirmwareReservedForIt_andNothingElse() throws Exception {
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    RequesterId keyboard = description.device("keyboard");
    try (RunningPlatform platform = RunningPlatform.start(description, folder, event -> {})) {
      PciFunction function =
          platform.chassis().slots().stream()
              .filter(slot -> slot.at().equals(keyboard))
              .findFirst()
              .orElseThrow()
              .function();
      assertThat(write(function, 0x7f8_0000)).isEqualTo(1);
      assertThat(write(function, 0x7f8_1000)).as("firmware's, too").isNotEqualTo(1);
      assertThat(write(function, 0x20_0000)).as("a partition's").isNotEqualTo(1);
    }
  }

  @Test
  void whatIsExpectedHolds_andNothingComesApart() throws Exception {
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    List<PlatformEvent> events = new CopyOnWriteArrayList<>();
    try (RunningPlatform platform = RunningPlatform.start(description, folder, events::add)) {
      Examiner examiner = new Examiner(platform, events);
      List<Outcome> outcomes = new ArrayList<>();
      for (Step step : description.steps()) {
        outcomes.addAll(examiner.examine(step));
      }
      assertThat(outcomes).hasSize(6).allMatch(Outcome::held);
      RequesterId first = description.device("first");
      assertThatThrownBy(() -> platform.reassign(first, "services"))
          .hasMessage(
              "function 00:07.0 cannot be kept apart from function 00:07.1, which belongs to"
                  + " partition user: release that first");
      assertThat(platform.lvmm().assignments().at(first)).isPresent();
      assertThatThrownBy(() -> platform.assign(description.device("keyboard"), "user"))
          .hasMessageStartingWith("function 00:08.0 goes on using reserved memory (RMRR) at");
      platform.release(description.device("second"));
      platform.reassign(first, "services");
      assertThat(platform.lvmm().breaches()).isEmpty();
    }
  }
}
