package dev.portcullis.management.containment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.EventCollector;
import dev.portcullis.management.ManagementDescription;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.ManagementServices;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.Client.DmaEnd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The example does what it says.
class OutbreakExampleTest {
  private static final Path EXAMPLE =
      Path.of(System.getProperty("portcullis.root"), "examples", "outbreak");
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final Ipv4Address OTHER = Ipv4Address.parse("10.9.0.3");

  @TempDir private Path folder;

  @Test
  void anAttemptAtTheKernelEndsInContainment() throws Exception {
    PlatformDescription description = PlatformFile.read(EXAMPLE.resolve("platform.yaml"));
    String management = Files.readString(EXAMPLE.resolve("management.yaml"));
    ManagementDescription wanted =
        ManagementFile.parse(
            "management.yaml",
            folder,
            management.replace("../../target/outbreak-state", "state"),
            description);
    VerifiedBoot gate = ManagementServices.gate(wanted);
    EventCollector events = new EventCollector();
    try (RunningPlatform platform = RunningPlatform.start(description, folder, event -> {}, gate);
        ManagementServices services = ManagementServices.start(wanted, gate, platform)) {
      platform.events().add(events);
      Client user = platform.partition("user").client().orElseThrow();
      user.ping(OTHER, LIMIT);

      assertThat(user.attack(RequesterId.parse("00:05.0"), 24 << 20, LIMIT))
          .isEqualTo(DmaEnd.REFUSED);

      events.await(EventType.CONTAINMENT_STATE, event -> true);
      assertThat(services.containment().orElseThrow().status())
          .filteredOn(one -> one.standing().state() == ContainmentState.CONTAINED)
          .extracting(ContainmentStatus::partition)
          .containsExactly("user");
      assertThatThrownBy(() -> user.ping(OTHER, Duration.ofMillis(300)))
          .isInstanceOf(ClientException.class);
      user.ping(PEER, LIMIT);
      platform.partition("other").client().orElseThrow().ping(PEER, LIMIT);
    }
  }
}
