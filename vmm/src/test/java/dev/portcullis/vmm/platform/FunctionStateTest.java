package dev.portcullis.vmm.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.portcullis.pci.Msix;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.assign.AssignedFunction;
import dev.portcullis.vmm.event.EventRing;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is told of functions that change hands or are stopped, and what is left of a partition in
/// one that is stopped.
class FunctionStateTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: disk, type: nvme, at: 00:04.0, size: 8M}
      partitions:
        - {name: user, memory: 16M, runs: client, devices: [disk]}
        - {name: other, memory: 16M, runs: client}
      """;

  @TempDir private Path folder;

  @Test
  void eachChangeIsPublished() throws Exception {
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    RequesterId disk = description.device("disk");
    List<String> lines = new CopyOnWriteArrayList<>();
    EventRing ring = new EventRing(100);
    try (RunningPlatform platform =
        RunningPlatform.start(
            description,
            folder,
            event -> {
              if (event instanceof PlatformEvent.FunctionChange) {
                lines.add(event.toString());
              }
            })) {
      platform.events().add(ring);
      platform.reassign(disk, "other");
      platform.stop(disk, Optional.of("other"));
      platform.release(disk);
      platform.assign(disk, "user");
    }
    assertThat(lines)
        .containsExactly(
            "device disk at 00:04.0 is given to user",
            "device disk at 00:04.0 is taken from user and given to other",
            "device disk at 00:04.0 of other is stopped",
            "device disk at 00:04.0 is taken from other",
            "device disk at 00:04.0 is given to user");
    assertThat(ring.latest())
        .filteredOn(event -> event.type() == EventType.FUNCTION_STATE)
        .extracting(
            event -> event.subject().path(),
            event -> event.data().get("state"),
            event -> event.data().get("from"))
        .containsExactly(
            tuple("partition/other/function/00:04.0", "reassigned", "user"),
            tuple("partition/other/function/00:04.0", "stopped", null),
            tuple("partition/other/function/00:04.0", "released", null),
            tuple("partition/user/function/00:04.0", "assigned", null));
  }

  @Test
  void aStoppedFunctionHasForgottenWhatItsPartitionWroteIntoItsMessages() throws Exception {
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    RequesterId disk = description.device("disk");
    try (RunningPlatform platform = RunningPlatform.start(description, folder, event -> {})) {
      platform.partition("user").client().orElseThrow().disk(1 << 20, Duration.ofSeconds(60));
      AssignedFunction shown = platform.shown(disk).orElseThrow();
      assertThat(firstMessage(platform, disk, shown)).isNotZero();
      platform.stop(disk, Optional.of("user"));
      assertThat(firstMessage(platform, disk, shown)).isZero();
    }
  }

  /// Data of the first message, as the partition reads it.
  private static long firstMessage(
      RunningPlatform platform, RequesterId at, AssignedFunction shown) {
    Msix table =
        platform.chassis().slots().stream()
            .filter(slot -> slot.at().equals(at))
            .flatMap(slot -> slot.function().capabilities().stream())
            .filter(Msix.class::isInstance)
            .map(Msix.class::cast)
            .findFirst()
            .orElseThrow();
    for (int bar = 0; bar < 6; bar++) {
      if (table.isInTable(bar, table.tableOffset())) {
        return shown.readBar(bar, table.tableOffset() + 8, 4);
      }
    }
    throw new AssertionError("no table");
  }
}
