package dev.portcullis.vmm.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.platform.BridgeStatus.PortStatus;
import dev.portcullis.vmm.platform.control.ControlClient;
import dev.portcullis.vmm.platform.control.ControlServer;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The rules of a bridge change while traffic goes through it.
class PlatformRulesTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
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
      expect:
        - {does: ping, from: user, to: 10.9.0.1}
      """;
  private static final String PINGS =
      """
      table bridge t {
        chain forward {
          type filter hook forward priority 0; policy drop;
          ether type arp accept
          ct state established accept
          iifname "user" icmp type echo-request counter accept
          meta l4proto tcp reject with tcp reset
        }
      }
      """;

  @TempDir private Path folder;

  private static void hasCounted(BridgeStatus bridge) {
    assertThat(bridge.partition()).isEqualTo("services");
    assertThat(bridge.ports())
        .extracting(PortStatus::name)
        .containsExactlyInAnyOrder("nic", "user");
    assertThat(bridge.ports())
        .allSatisfy(port -> {
          assertThat(port.receivedFrames()).isPositive();
          assertThat(port.receivedBytes()).isGreaterThan(14 * port.receivedFrames());
          assertThat(port.sentFrames()).isPositive();
          assertThat(port.stations()).isEqualTo(1);
        });
    assertThat(bridge.ports())
        .filteredOn(port -> port.name().equals("user"))
        .singleElement()
        .satisfies(port -> {
          assertThat(port.reasons()).containsKey("rejected");
          assertThat(port.dropped())
              .isEqualTo(port.reasons().values().stream().mapToLong(Long::longValue).sum());
        });
    assertThat(bridge.rules())
        .singleElement()
        .satisfies(rule -> {
          assertThat(rule.table()).isEqualTo("t");
          assertThat(rule.chain()).isEqualTo("forward");
          assertThat(rule.rule()).isEqualTo("iifname \"user\" icmp type echo-request accept");
          assertThat(rule.frames()).isPositive();
          assertThat(rule.bytes()).isGreaterThan(14 * rule.frames());
        });
  }

  @Test
  void rulesOfARunningPlatformAreReplaced() throws Exception {
    var description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    Path socket = folder.resolve("control/socket");
    try (RunningPlatform platform = RunningPlatform.start(description, folder, event -> {});
        ControlServer server = ControlServer.start(platform, socket);
        ControlClient control = ControlClient.connect(server.socket())) {
      Client user = platform.partition("user").client().orElseThrow();
      Ipv4Address peer = Ipv4Address.parse("10.9.0.1");
      user.ping(peer, LIMIT);
      user.page(peer, "/", LIMIT);
      assertThat(control.rules("")).contains("table bridge open", "policy accept;");

      control.loadRules("services", "pings.nft", PINGS, Established.CUT);
      user.ping(peer, LIMIT);
      assertThatThrownBy(() -> user.page(peer, "/", LIMIT)).isInstanceOf(ClientException.class);
      assertThat(control.rules("services"))
          .containsPattern("echo-request counter packets [1-9][0-9]* bytes [1-9][0-9]+ accept");
      assertThat(control.status().bridges())
          .singleElement()
          .satisfies(PlatformRulesTest::hasCounted);

      assertThatThrownBy(() -> control.loadRules("", "bad.nft", "table ip t { }", Established.KEEP))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("bad.nft:1: the family \"bridge\"");
      assertThatThrownBy(() -> control.rules("user"))
          .hasMessage("partition user has no bridge of ours");
      user.ping(peer, LIMIT);
      assertThatThrownBy(() -> user.page(peer, "/", LIMIT)).isInstanceOf(ClientException.class);
    }
  }
}
