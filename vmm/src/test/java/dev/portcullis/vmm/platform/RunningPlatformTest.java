package dev.portcullis.vmm.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.vmm.platform.Examiner.Outcome;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformDescription.Step;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunningPlatformTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: %s}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: rogue, type: edu, at: 00:05.0}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24, devices: [rogue]}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
      links:
        - between: [user, services]
      expect:
        - {does: ping, from: user, to: 10.9.0.1}
        - {does: page, from: user, to: 10.9.0.1, contains: Portcullis peer}
        - {does: transfer, from: user, to: 10.9.0.1, bytes: 4M}
        - {does: invisible, from: user, device: nic}
        - {does: attack, from: user, device: rogue, target: other-partition}
        - {does: attack, from: user, device: rogue, target: monitor}
        - {does: attack, from: user, device: rogue, target: firmware}
        - {does: attack, from: user, device: rogue, target: outside-map}
        - {does: attack, from: user, device: rogue, target: interrupt}
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scalable",
        "everything",
        "client-39bit, table-reads: until-flushed",
        "scalable, table-reads: until-flushed, features: {coherent-tables: false}"
      })
  void whatIsExpectedHolds(String profile) throws Exception {
    PlatformDescription description =
        PlatformFile.parse("test.yaml", folder, PLATFORM.formatted(profile));
    List<PlatformEvent> events = new CopyOnWriteArrayList<>();
    try (RunningPlatform platform = RunningPlatform.start(description, folder, events::add)) {
      Examiner examiner = new Examiner(platform, events);
      List<Outcome> outcomes = new ArrayList<>();
      for (Step step : description.steps()) {
        outcomes.addAll(examiner.examine(step));
      }
      assertThat(outcomes).hasSize(9).allMatch(Outcome::held);
      assertThat(platform.lvmm().breaches()).isEmpty();
    }
  }
}
