package dev.portcullis.vmm.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.net.Link;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.TcpFlags;
import dev.portcullis.vmm.bridge.Port.Role;
import dev.portcullis.vmm.filter.Sketch;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.filter.run.Firewall;
import dev.portcullis.vmm.filter.text.RulesetText;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Bridge and firewall together.
class FilteredBridgeTest {
  private static final long USER_IP = 0x0a09_0005;
  private static final long SERVER_IP = 0x0a09_0001;
  private static final String WEB =
      """
      table bridge services {
        chain forward {
          type filter hook forward priority 0; policy drop;
          ether type arp accept
          ct state established,related accept
          iifname "user" ip daddr 10.9.0.0/24 tcp dport { 80, 443 } counter accept
          iifname "user" meta l4proto tcp reject with tcp reset
        }
      }
      """;

  private final TestLink user = new TestLink();
  private final TestLink uplink = new TestLink();
  private final Firewall firewall = new Firewall(entry -> {});
  private final Bridge bridge = new Bridge(firewall);

  private static byte[] segment(int port, int flags) {
    return Sketch.between(Sketch.USER, Sketch.SERVER)
        .ip(USER_IP, SERVER_IP, 6, 64)
        .tcp(4000, port, flags)
        .frame();
  }

  private static byte[] answer(int port, int flags) {
    return Sketch.between(Sketch.SERVER, Sketch.USER)
        .ip(SERVER_IP, USER_IP, 6, 64)
        .tcp(port, 4000, flags)
        .frame();
  }

  @Test
  void withoutRulesNothingPasses() throws Exception {
    Port port = bridge.add("user", user);
    bridge.add("uplink", uplink);
    user.inject(segment(80, TcpFlags.SYN));
    assertThat(uplink.taken()).isEmpty();
    assertThat(port.counters().drops(DropReason.NO_RULES)).isEqualTo(1);
    assertThat(bridge.locate(Sketch.USER, 1)).isEmpty();
  }

  @Test
  void letsThroughWhatTheRulesLetThroughAndResetsTheRest() throws Exception {
    Port port = bridge.add("user", user);
    bridge.add("uplink", uplink);
    firewall.load(RulesetText.parse("web.nft", WEB), Established.CUT);
    user.inject(Sketch.between(Sketch.USER, 0xffff_ffff_ffffL).arp(1, USER_IP, SERVER_IP).frame());
    user.inject(segment(80, TcpFlags.SYN));
    assertThat(uplink.taken()).hasSize(2);
    uplink.inject(answer(80, TcpFlags.SYN | TcpFlags.ACK));
    uplink.inject(answer(81, TcpFlags.SYN));
    assertThat(user.taken()).hasSize(1);

    user.inject(segment(22, TcpFlags.SYN));
    assertThat(uplink.taken()).isEmpty();
    Packet reset = frame(user.taken().getFirst());
    assertThat(reset.tcpFlags()).isEqualTo(TcpFlags.RST | TcpFlags.ACK);
    assertThat(reset.sourcePort()).isEqualTo(22);
    assertThat(port.counters().drops(DropReason.REJECTED)).isEqualTo(1);
  }

  private static Packet frame(String behindAddresses) {
    return Packet.of(HexFormat.of().parseHex("00".repeat(12) + behindAddresses));
  }

  @Test
  void accessThatIsLostIsLostAtOnce() throws Exception {
    bridge.add("user", user);
    bridge.add("uplink", uplink);
    Ruleset web = RulesetText.parse("web.nft", WEB);
    firewall.load(web, Established.CUT);
    user.inject(segment(80, TcpFlags.SYN));
    uplink.inject(answer(80, TcpFlags.SYN | TcpFlags.ACK));
    user.inject(segment(80, TcpFlags.ACK));
    assertThat(uplink.taken()).hasSize(2);
    String closed = WEB.replace("{ 80, 443 }", "443");
    firewall.load(RulesetText.parse("closed.nft", closed), Established.CUT);
    user.inject(segment(80, TcpFlags.ACK));
    uplink.inject(answer(80, TcpFlags.ACK));
    assertThat(uplink.taken()).isEmpty();
    assertThat(user.taken()).hasSize(2);
  }

  @Test
  void virtualLansAreMatchedWhetherTaggedOrNot() throws Exception {
    bridge.add("user", Role.MEMBER, user, Vlans.access(10));
    bridge.add("uplink", Role.MEMBER, uplink, Vlans.trunk(Set.of(10, 20)));
    String text =
        """
        table bridge t {
          chain c { type filter hook forward priority 0; policy drop; vlan id 10 accept; }
        }
        """;
    firewall.load(RulesetText.parse("vlan.nft", text), Established.CUT);
    user.inject(Sketch.USER, Sketch.SERVER, "9000cafe");
    assertThat(uplink.taken()).containsExactly("8100000a9000cafe");
    uplink.inject(Sketch.SERVER, Sketch.USER, "8100000a9000beef");
    assertThat(user.taken()).containsExactly("9000beef");
  }

  /// Each port on a thread of its own, stations on the move, ports that come and go: every frame
  /// that came is accounted for.
  @Test
  void threadsForwardSideBySide() throws Exception {
    firewall.load(Ruleset.acceptAll(), Established.CUT);
    List<TestLink> links = new ArrayList<>();
    List<Port> ports = new ArrayList<>();
    LongAdder arrived = new LongAdder();
    for (int i = 0; i < 3; i++) {
      CountingLink link = new CountingLink(arrived);
      links.add(link.asked());
      ports.add(bridge.add("p" + i, Role.MEMBER, link, Vlans.DEFAULT));
    }
    int frames = 10_000;
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Void>> running = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        TestLink link = links.get(i);
        long mac = Sketch.USER + i;
        running.add(
            threads.submit(() -> {
              for (int j = 0; j < frames; j++) {
                link.inject(mac + (j % 50 == 0 ? 1 : 0), Sketch.USER + j % 4, "9000cafe");
              }
              return null;
            }));
      }
      running.add(
          threads.submit(() -> {
            for (int j = 0; j < 500; j++) {
              bridge.remove(bridge.add("guest", new CountingLink(new LongAdder())));
            }
            return null;
          }));
      for (Future<Void> one : running) {
        one.get();
      }
    }
    long sent = 0;
    for (Port port : ports) {
      PortCounters counters = port.counters();
      assertThat(counters.receivedFrames()).isEqualTo(frames);
      sent += counters.sentFrames();
    }
    assertThat(arrived.sum()).isEqualTo(sent);
    assertThat(bridge.ports()).containsExactlyElementsOf(ports);
    int stations = ports.stream().mapToInt(port -> port.counters().stations()).sum();
    assertThat(stations).isEqualTo(4);
  }

  /// A link that only counts.
  private static final class CountingLink implements Link {
    private final TestLink asked = new TestLink();
    private final LongAdder arrived;

    CountingLink(LongAdder arrived) {
      this.arrived = arrived;
    }

    TestLink asked() {
      return asked;
    }

    @Override
    public void connect(Consumer<byte[]> receiver) {
      asked.connect(receiver);
    }

    @Override
    public void send(byte[] frame) {
      arrived.increment();
    }
  }
}
