package dev.portcullis.management.enforcement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.enforcement.Enforcement.Demander;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.text.RulesetText;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What partitions can reach, with demands on a platform at work.
class BridgeEnforcementTest {
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final Ipv4Address USER = Ipv4Address.parse("10.9.0.2");
  private static final Ipv4Address OTHER = Ipv4Address.parse("10.9.0.3");
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration MOMENT = Duration.ofMillis(300);
  private static final NetworkAccess FULL = NetworkAccess.of(AccessLevel.UNRESTRICTED, "fine");
  private static final NetworkAccess HELP = NetworkAccess.of(AccessLevel.REMEDIATION, "worm");
  private static final NetworkAccess NOTHING = NetworkAccess.of(AccessLevel.NONE, "unknown");

  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      management: none.yaml
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
        - {name: other, memory: 16M, runs: client, address: 10.9.0.3/24}
      links:
        - between: [user, services]
        - between: [other, services]
      """;

  @TempDir private Path folder;
  private RunningPlatform platform;
  private StateStore state;

  @BeforeEach
  void start() throws Exception {
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, PLATFORM), folder, event -> {});
    state = StateStore.open(folder.resolve("state"));
  }

  @AfterEach
  void stop() {
    platform.close();
  }

  private BridgeEnforcement open(Demander... deciders) {
    return BridgeEnforcement.open(
        platform.partitions().stream().flatMap(one -> one.restrictions().stream()).toList(),
        new RemediationNetwork(List.of(PEER), Optional.empty()),
        state,
        platform.events(),
        List.of("user", "other"),
        Set.of(deciders));
  }

  private Client client(String name) throws VmmException {
    return platform.partition(name).client().orElseThrow();
  }

  private void reaches(String from, Ipv4Address to) throws Exception {
    client(from).ping(to, LIMIT);
  }

  private void doesNotReach(String from, Ipv4Address to) {
    assertThatThrownBy(() -> client(from).ping(to, MOMENT)).isInstanceOf(ClientException.class);
  }

  private static NetworkAccess conditional(String port, String why) throws Exception {
    return NetworkAccess.conditional(
        RulesetText.parse(
            "test.nft",
            """
            table bridge test {
              chain forward {
                type filter hook forward priority 0; policy drop;
                ether type arp accept
                ct state established accept
                icmp type echo-request accept
                tcp dport %s accept
              }
            }
            """
                .formatted(port)),
        why);
  }

  @Test
  void nothingPassesBeforeEverybodyWhoDecidesHasDecided() throws Exception {
    doesNotReach("user", PEER);
    doesNotReach("user", OTHER);
    BridgeEnforcement enforcement = open(Demander.ACCESS);
    doesNotReach("user", PEER);
    assertThat(enforcement.inForce("user").reason()).isEqualTo("not decided yet: access");

    enforcement.demand(Demander.ACCESS, "user", FULL);

    reaches("user", PEER);
    doesNotReach("user", OTHER);
    enforcement.demand(Demander.ACCESS, "other", FULL);
    reaches("user", OTHER);
    assertThat(enforcement.inForce("nobody").level()).isEqualTo(AccessLevel.NONE);
  }

  @Test
  void withoutDecidersEverythingPasses() throws Exception {
    open();
    reaches("user", PEER);
    reaches("other", USER);
  }

  @Test
  void whoNeedsHelpReachesHelpOnly() throws Exception {
    BridgeEnforcement enforcement = open();
    reaches("other", USER);

    enforcement.demand(Demander.CONTAINMENT, "user", HELP);

    reaches("user", PEER);
    assertThat(client("user").page(PEER, "/", LIMIT)).contains("Portcullis peer");
    doesNotReach("user", OTHER);
    doesNotReach("other", USER);
    reaches("other", PEER);
    enforcement.demand(Demander.CONTAINMENT, "user", FULL);
    reaches("other", USER);
  }

  @Test
  void strictestDemandIsInForce() throws Exception {
    BridgeEnforcement enforcement = open();
    enforcement.demand(Demander.ACCESS, "user", NOTHING);
    enforcement.demand(Demander.CONTAINMENT, "user", HELP);
    assertThat(enforcement.inForce("user")).isEqualTo(NOTHING);
    doesNotReach("user", PEER);
    enforcement.demand(Demander.ACCESS, "user", FULL);
    assertThat(enforcement.inForce("user")).isEqualTo(HELP);
    enforcement.demand(Demander.CONTAINMENT, "user", FULL);
    assertThat(enforcement.inForce("user").level()).isEqualTo(AccessLevel.UNRESTRICTED);
  }

  @Test
  void conditionsOfSeveralHoldTogether() throws Exception {
    BridgeEnforcement enforcement = open();
    enforcement.demand(Demander.ACCESS, "user", conditional("80", "old package"));
    assertThat(client("user").page(PEER, "/", LIMIT)).contains("Portcullis peer");

    enforcement.demand(Demander.CONTAINMENT, "user", conditional("22", "suspected"));

    reaches("user", PEER);
    assertThatThrownBy(() -> client("user").page(PEER, "/", MOMENT))
        .isInstanceOf(ClientException.class);
    NetworkAccess both = enforcement.inForce("user");
    assertThat(both.reason()).isEqualTo("old package; suspected");
    assertThat(both.rules().map(Ruleset::tables).orElseThrow()).hasSize(2);
  }

  @Test
  void transferIsCutWhenAccessIsLost() throws Exception {
    BridgeEnforcement enforcement = open();
    Thread lost =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                enforcement.demand(Demander.ACCESS, "user", NOTHING);
              } catch (StateException e) {
                throw new AssertionError(e);
              }
            });
    assertThatThrownBy(() -> client("user").transfer(PEER, 1L << 30, Duration.ofSeconds(3)))
        .isInstanceOf(ClientException.class);
    lost.join();
    reaches("other", PEER);
  }

  @Test
  void sameIsInForceAfterASuddenEnd() throws Exception {
    BridgeEnforcement before = open(Demander.ACCESS);
    before.demand(Demander.ACCESS, "user", conditional("80", "old package"));
    before.demand(Demander.ACCESS, "other", FULL);
    platform.close();
    start();
    doesNotReach("user", PEER);

    BridgeEnforcement after = open(Demander.ACCESS);

    assertThat(after.inForce("user")).isEqualTo(before.inForce("user"));
    assertThat(client("user").page(PEER, "/", LIMIT)).contains("Portcullis peer");
    assertThat(after.inForce("other").level()).isEqualTo(AccessLevel.UNRESTRICTED);
  }

  @Test
  void sameIsInForceWhenServicesBeginAnew() throws Exception {
    BridgeEnforcement enforcement = open();
    enforcement.demand(Demander.CONTAINMENT, "user", HELP);
    platform.power(PowerAction.KILL, "services");
    platform.power(PowerAction.START, "services");
    reaches("user", PEER);
    doesNotReach("user", OTHER);
  }

  @Test
  void damagedDemandsMeanNothingUntilAllAreMadeAnew() throws Exception {
    open().demand(Demander.ACCESS, "user", FULL);
    Path file = folder.resolve("state").resolve("enforcement.user.state");
    Files.writeString(file, Files.readString(file).replace("fine", "Fine"));

    BridgeEnforcement enforcement = open();

    assertThat(enforcement.inForce("user").reason()).endsWith("is damaged");
    doesNotReach("user", PEER);
    enforcement.demand(Demander.ACCESS, "user", FULL);
    doesNotReach("user", PEER);
    enforcement.demand(Demander.CONTAINMENT, "user", FULL);
    enforcement.demand(Demander.BOOT, "user", FULL);
    reaches("user", PEER);
  }

  @Test
  void demandThatCannotBeKeptMeansNothing() throws Exception {
    BridgeEnforcement enforcement = open();
    reaches("user", PEER);
    Files.createDirectory(folder.resolve("state").resolve("enforcement.user.state.next"));

    assertThatThrownBy(() -> enforcement.demand(Demander.ACCESS, "user", FULL))
        .isInstanceOf(StateException.class);

    assertThat(enforcement.inForce("user").level()).isEqualTo(AccessLevel.NONE);
    doesNotReach("user", PEER);
  }

  @Test
  void bridgeKnowsItsPartitionsByTheirPorts() {
    assertThat(platform.partitions())
        .filteredOn(one -> one.restrictions().isPresent())
        .extracting(RunningPartition::name)
        .containsExactly("services");
  }
}
