package dev.portcullis.management.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.EventCollector;
import dev.portcullis.management.ManagementDescription;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.ManagementServices;
import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.containment.ContainmentState;
import dev.portcullis.management.containment.ContainmentStatus;
import dev.portcullis.management.containment.Trigger;
import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.management.recovery.RebuildProgress;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A partition comes to a platform where access control and containment decide.
class NewcomerTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofMillis(300);
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
      links:
        - between: [user, services]
      management: management.yaml
      """;
  private static final String KIOSK =
      "partition: {name: kiosk, memory: 16M, runs: client, address: 10.9.0.4/24, link: services}\n";
  private static final String STATE = "state: state\n";
  private static final String ACCESS = "access: {policy: policy.yaml, every-seconds: 86400}\n";
  private static final String POLICY =
      """
      policy: test
      rules:
        - name: who answers is welcome
          when: posture.agent.answered
          result: unrestricted
          reason: It answers.
      """;

  @TempDir private Path folder;
  private final EventCollector events = new EventCollector();
  private RunningPlatform platform;
  private ManagementServices services;

  @BeforeEach
  void write() throws Exception {
    Files.writeString(folder.resolve("policy.yaml"), POLICY);
  }

  @AfterEach
  void stop() {
    services.close();
    assertThat(platform.lvmm().breaches()).isEmpty();
    platform.close();
  }

  private void start(String more) throws Exception {
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    ManagementDescription wanted =
        ManagementFile.parse("management.yaml", folder, STATE + more, description);
    VerifiedBoot gate = ManagementServices.gate(wanted);
    platform = RunningPlatform.start(wanted.provisioned().platform(), folder, event -> {}, gate);
    platform.events().add(events);
    services = ManagementServices.start(wanted, gate, platform);
  }

  private void provision() throws Exception {
    services.provisioning().provision("kiosk.yaml", folder, KIOSK, RebuildProgress.NONE);
  }

  private Client kiosk() throws Exception {
    return platform.partition("kiosk").client().orElseThrow();
  }

  private AccessLevel level() {
    return services.enforcement().inForce("kiosk").level();
  }

  private void awaitUnrestricted() throws InterruptedException {
    EventCollector.await("kiosk is let in", () -> level() == AccessLevel.UNRESTRICTED);
  }

  private Optional<ContainmentState> state() {
    return services.containment().orElseThrow().status().stream()
        .filter(one -> one.partition().equals("kiosk"))
        .map((ContainmentStatus one) -> one.standing().state())
        .findFirst();
  }

  private void ask(Trigger trigger) throws Exception {
    services.containment().orElseThrow().request("kiosk", trigger, "a test");
  }

  @Test
  void accessControlDecidesAboutIt() throws Exception {
    start(ACCESS);
    provision();
    awaitUnrestricted();
    kiosk().ping(PEER, LIMIT);

    Files.writeString(folder.resolve("policy.yaml"), POLICY.replace("unrestricted", "denied"));
    EventCollector.await("the new policy holds for it", () -> level() != AccessLevel.UNRESTRICTED);
    assertThatThrownBy(() -> kiosk().ping(PEER, MOMENT)).isInstanceOf(ClientException.class);
    assertThat(services.access().orElseThrow().decision("kiosk"))
        .map(AccessDecision::verdict)
        .contains(Verdict.DENIED);

    services.provisioning().remove("kiosk");
    assertThatThrownBy(() -> services.access().orElseThrow().status("kiosk"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whoComesAgainIsDecidedAboutAnew() throws Exception {
    start(ACCESS);
    provision();
    awaitUnrestricted();
    services.provisioning().remove("kiosk");
    assertThat(level()).isEqualTo(AccessLevel.NONE);

    provision();
    awaitUnrestricted();
    kiosk().ping(PEER, LIMIT);
  }

  @Test
  void itIsWatchedForAnOutbreak_andContained() throws Exception {
    start("containment: {signs: [{on: scan, count: 8, within-seconds: 60, do: contain}]}\n");
    provision();
    assertThat(state()).contains(ContainmentState.NORMAL);
    kiosk().ping(PEER, LIMIT);

    for (int host = 10; state().orElseThrow() == ContainmentState.NORMAL; host++) {
      Ipv4Address next = Ipv4Address.parse("10.9.0." + (10 + host % 200));
      assertThatThrownBy(() -> kiosk().ping(next, Duration.ofMillis(20)))
          .isInstanceOf(ClientException.class);
    }
    assertThat(state()).contains(ContainmentState.CONTAINED);
    assertThatThrownBy(() -> kiosk().ping(PEER, MOMENT)).isInstanceOf(ClientException.class);
    platform.partition("user").client().orElseThrow().ping(PEER, LIMIT);
  }

  /// To be taken away and to come again is no way out.
  @Test
  void whoWasContainedComesBackContained() throws Exception {
    start(ACCESS + "containment: {}\n");
    provision();
    awaitUnrestricted();
    ask(Trigger.CONTAIN);
    services.provisioning().remove("kiosk");
    assertThat(state()).isEmpty();

    provision();
    assertThat(state()).contains(ContainmentState.CONTAINED);
    assertThatThrownBy(() -> kiosk().ping(PEER, MOMENT)).isInstanceOf(ClientException.class);

    ask(Trigger.RELEASE);
    awaitUnrestricted();
    kiosk().ping(PEER, LIMIT);
  }

  @Test
  void whereContainmentHasNamesOthersAreLeftAlone() throws Exception {
    start("containment: {partitions: [user]}\n");
    provision();

    assertThat(state()).isEmpty();
    kiosk().ping(PEER, LIMIT);
    services.provisioning().remove("kiosk");
    provision();
    kiosk().ping(PEER, LIMIT);
  }

  @Test
  void itIsThereWithTheNextStart_asItWas() throws Exception {
    start(ACCESS + "containment: {}\n");
    provision();
    awaitUnrestricted();
    ask(Trigger.CONTAIN);
    services.close();
    platform.close();

    start(ACCESS + "containment: {}\n");
    assertThat(state()).contains(ContainmentState.CONTAINED);
    assertThatThrownBy(() -> kiosk().ping(PEER, MOMENT)).isInstanceOf(ClientException.class);
    ask(Trigger.RELEASE);
    awaitUnrestricted();
    kiosk().ping(PEER, LIMIT);
  }
}
