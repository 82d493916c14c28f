package dev.portcullis.management.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.EventCollector;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootGate;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import java.nio.file.Path;

/// A running platform with a partition `user`, and who proposes what can be had for less there.
record TunedPlatform(RunningPlatform platform, Optimiser optimiser, EventCollector events)
    implements AutoCloseable {
  /// A disk of its own.
  static final String WITH_DISK =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: %s}]
      devices:
        - {name: disk, type: nvme, at: 00:04.0, size: 16M}
      partitions:
        - {name: user, memory: 16M, runs: client, devices: [disk]}
      """;

  /// A network card, too.
  static final String WITH_DISK_AND_CARD =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: %s}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0, queue-pairs: 4}
        - {name: disk, type: nvme, at: 00:04.0, size: 16M}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24, devices: [disk, nic]}
      """;

  /// @param yaml of the platform, but for the profile of its unit
  static TunedPlatform start(Path folder, String yaml, String profile) throws Exception {
    RunningPlatform platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, yaml.formatted(profile)),
            folder,
            event -> {},
            BootGate.OPEN);
    EventCollector events = new EventCollector();
    platform.events().add(events);
    return new TunedPlatform(platform, new Optimiser(platform), events);
  }

  /// What is said of it now.
  Advice advice(String subject) throws Exception {
    return optimiser.advice().stream()
        .filter(one -> one.subject().equals(subject))
        .findFirst()
        .orElseThrow();
  }

  /// The partition's software.
  Client client() throws Exception {
    return platform.partition("user").client().orElseThrow();
  }

  /// Exactly these changes were told, each as its name and what became of it.
  void told(String... changes) throws Exception {
    events.await(EventType.HEALTH_OPTIMISATION, one -> "reverted".equals(one.data().get("state")));
    assertThat(events.of(EventType.HEALTH_OPTIMISATION))
        .extracting(one -> one.data().get("change") + " " + one.data().get("state"))
        .containsExactlyInAnyOrder(changes);
  }

  @Override
  public void close() {
    platform.close();
  }
}
