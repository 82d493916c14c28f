package dev.portcullis.management.enforcement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.EventCollector;
import dev.portcullis.management.enforcement.Enforcement.Demander;
import dev.portcullis.management.enforcement.RemediationNetwork.Own;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.net.Link;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.bridge.HostPorts;
import dev.portcullis.vmm.bridge.SourceGuard;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Malware in a partition that reaches remediation only makes frames of all kinds, to get out.
class QuarantineTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      management: none.yaml
      devices: [{name: nic, type: virtio-net, at: 00:03.0}]
      partitions: [{name: services, memory: 32M, runs: bridge, devices: [nic]}]
      """;

  private static final long MAC = 0x0200_0000_0002L;
  private static final long HELP_MAC = 0x0200_0000_00faL;
  private static final long ACCOMPLICE_MAC = 0x0200_0000_0066L;
  private static final long ALL = 0xffff_ffff_ffffL;
  private static final String OWN = "0a090002";
  private static final String HELP = "0a0900fa";
  private static final String ACCOMPLICE = "0a090066";
  private static final String UDP_53 = "d000003500080000";

  @TempDir private Path folder;
  private final Wire user = new Wire();
  private final Wire help = new Wire();
  private final Wire accomplice = new Wire();
  private RunningPlatform platform;
  private SourceGuard card;
  private Enforcement enforcement;

  /// A port of the bridge, and what has come out of it.
  private static final class Wire implements Link {
    private final List<byte[]> came = new CopyOnWriteArrayList<>();
    private volatile Consumer<byte[]> bridge = frame -> {};

    @Override
    public void connect(Consumer<byte[]> receiver) {
      bridge = receiver;
    }

    @Override
    public void send(byte[] frame) {
      came.add(frame);
    }

    /// The other end.
    Link far() {
      return new Link() {
        @Override
        public void connect(Consumer<byte[]> receiver) {
          // What comes is looked at afterwards.
        }

        @Override
        public void send(byte[] frame) {
          bridge.accept(frame);
        }
      };
    }
  }

  @BeforeEach
  void start() throws Exception {
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, PLATFORM), folder, event -> {});
    HostPorts ports = platform.partition("services").hosts().orElseThrow();
    ports.attach("user", user);
    ports.attach("help", help);
    ports.attach("accomplice", accomplice);
    card = new SourceGuard(user.far(), MAC, Optional.of(Ipv4Address.parse("10.9.0.2")));
    EventCollector.await(
        "the bridge forwards",
        () -> {
          help.far().send(ethernet(HELP_MAC, ALL, "88b5"));
          accomplice.far().send(ethernet(ACCOMPLICE_MAC, ALL, "88b5"));
          return user.came.size() >= 2;
        });
    enforcement =
        BridgeEnforcement.open(
            platform.partition("services").restrictions().stream().toList(),
            new RemediationNetwork(
                List.of(), Optional.of(new Own(Ipv4Address.parse("10.9.0.250"), "help"))),
            StateStore.open(folder.resolve("state")),
            platform.events(),
            List.of("user"),
            Set.of(Demander.CONTAINMENT));
    List.of(user, help, accomplice).forEach(wire -> wire.came.clear());
    enforcement.demand(
        Demander.CONTAINMENT, "user", NetworkAccess.of(AccessLevel.REMEDIATION, "worm"));
  }

  @AfterEach
  void stop() {
    platform.close();
  }

  private static byte[] ethernet(long from, long to, String rest) {
    byte[] more = HexFormat.of().parseHex(rest);
    ByteBuffer frame = ByteBuffer.allocate(Math.max(60, 12 + more.length));
    frame.putShort((short) (to >>> 32)).putInt((int) to);
    frame.putShort((short) (from >>> 32)).putInt((int) from);
    return frame.put(more).array();
  }

  /// An IPv4 packet with its type field; `flags` are those of fragments.
  private static String ip(String from, String to, int protocol, int flags, String data) {
    int bytes = 20 + data.length() / 2;
    String header = "4500%04x0000%04x40%02x".formatted(bytes, flags, protocol);
    ByteBuffer all = ByteBuffer.wrap(HexFormat.of().parseHex(header + "0000" + from + to));
    int sum = 0;
    while (all.hasRemaining()) {
      sum += all.getShort() & 0xffff;
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    return "0800" + header + "%04x".formatted(~sum & 0xffff) + from + to + data;
  }

  private static String arp(int operation, String from, String to) {
    return "0806000108000604%04x".formatted(operation)
        + "%012x".formatted(MAC)
        + from
        + "000000000000"
        + to;
  }

  private void sends(long to, String rest) {
    card.send(ethernet(MAC, to, rest));
  }

  @Test
  void helpIsReached_andByItsOwnPortAlone() {
    sends(ALL, arp(1, OWN, HELP));
    assertThat(help.came).hasSize(1);
    sends(HELP_MAC, ip(OWN, HELP, 17, 0, UDP_53));
    assertThat(help.came).hasSize(2);

    assertThat(accomplice.came).isEmpty();
  }

  @Test
  void whatIsForHelpByItsAddressIsNotForAnotherCard() {
    sends(ACCOMPLICE_MAC, ip(OWN, HELP, 17, 0, UDP_53));
    sends(ACCOMPLICE_MAC, arp(1, OWN, HELP));
    sends(ALL, ip(OWN, HELP, 17, 0, UDP_53));
    sends(0x0300_0000_0001L, ip(OWN, HELP, 17, 0, UDP_53));

    assertThat(accomplice.came).isEmpty();
  }

  @Test
  void nothingElseGetsOut_whateverItIs() throws Exception {
    String udp = ip(OWN, ACCOMPLICE, 17, 0, UDP_53);
    List<String> attempts =
        List.of(
            udp,
            ip(OWN, ACCOMPLICE, 1, 0, "0800f7ff00000000"),
            ip(OWN, ACCOMPLICE, 6, 0, "d0000050000003e8000000005002ffff00000000"),
            // The middle and the end of something whose beginning was let through.
            ip(OWN, ACCOMPLICE, 17, 0x2001, UDP_53),
            ip(OWN, ACCOMPLICE, 17, 0x0002, UDP_53),
            // Other protocols: IGMP, tunnels.
            ip(OWN, "e0000016", 2, 0, "2200000000000000"),
            ip(OWN, ACCOMPLICE, 4, 0, ip(OWN, HELP, 17, 0, UDP_53).substring(4)),
            ip(OWN, ACCOMPLICE, 47, 0, "0000080000000000"),
            // DHCP, from no address yet.
            ip("00000000", "ffffffff", 17, 0, "0044004300080000"),
            // Virtual LANs, that of everybody, one in another.
            "81000005" + udp,
            "81000000" + udp,
            "81000005" + ip(OWN, HELP, 17, 0, UDP_53),
            "88a80005" + "81000006" + udp,
            "88a80005" + "81000006" + "81000007" + udp,
            // ARP for another, an answer that nobody asked for.
            arp(1, OWN, ACCOMPLICE),
            arp(2, OWN, ACCOMPLICE),
            arp(1, OWN, OWN),
            // Spanning tree, LLDP, 802.1X, what nobody knows, too short a type.
            "0026424203000000",
            "88cc020704",
            "888e01010000",
            "88b5beef",
            "0001ff",
            // Neighbours of IPv6.
            "86dd60000000000811fffe80000000000000000000fffe000002"
                + "ff020000000000000000000000000001"
                + UDP_53);
    for (String attempt : attempts) {
      for (long to : new long[] {ACCOMPLICE_MAC, HELP_MAC, ALL, 0x0180_c200_0000L}) {
        sends(to, attempt);
      }
    }

    assertThat(accomplice.came).map(HexFormat.of()::formatHex).isEmpty();
    assertThat(help.came).map(HexFormat.of()::formatHex).isEmpty();

    enforcement.demand(
        Demander.CONTAINMENT, "user", NetworkAccess.of(AccessLevel.UNRESTRICTED, "well"));
    sends(ACCOMPLICE_MAC, udp);
    assertThat(accomplice.came).as("what would be seen").hasSize(1);
  }

  @Test
  void nobodyElseAnswersForHelp() {
    String claim = "08060001080006040002%012x%s%012x%s".formatted(ACCOMPLICE_MAC, HELP, MAC, OWN);
    accomplice.far().send(ethernet(ACCOMPLICE_MAC, MAC, claim));
    accomplice.far().send(ethernet(ACCOMPLICE_MAC, MAC, ip(HELP, OWN, 17, 0, "0035d00000080000")));
    assertThat(user.came).isEmpty();

    help.far().send(ethernet(HELP_MAC, MAC, claim));
    assertThat(user.came).hasSize(1);
  }
}
