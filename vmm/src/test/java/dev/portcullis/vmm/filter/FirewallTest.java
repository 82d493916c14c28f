package dev.portcullis.vmm.filter;

import static dev.portcullis.net.packet.TcpFlags.ACK;
import static dev.portcullis.net.packet.TcpFlags.FIN;
import static dev.portcullis.net.packet.TcpFlags.RST;
import static dev.portcullis.net.packet.TcpFlags.SYN;
import static dev.portcullis.vmm.filter.Sketch.SERVER;
import static dev.portcullis.vmm.filter.Sketch.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.net.packet.Checksum;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Packet.Transport;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.rule.Value;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.filter.run.Firewall;
import dev.portcullis.vmm.filter.run.LogEntry;
import dev.portcullis.vmm.filter.text.RulesetText;
import dev.portcullis.vmm.filter.track.Connections.Bounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FirewallTest {
  private static final long A = 0x0a09_0005;
  private static final long B = 0x0a09_0001;
  private static final Value A6 = new Value(0x2001_0db8_0000_0000L, 5);
  private static final Value B6 = new Value(0x2001_0db8_0000_0000L, 1);

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000_000);
  private final List<LogEntry> log = new ArrayList<>();
  private final Firewall firewall = new Firewall(new Bounds(8, 4), now::get, log::add);
  private Inspection last;

  private void load(String... rules) throws RulesetException {
    load(Established.CUT, rules);
  }

  private void load(Established established, String... rules) throws RulesetException {
    firewall.load(RulesetText.parse("test.nft", policyDrop(rules)), established);
  }

  private static String policyDrop(String... rules) {
    return "table bridge t {\nchain forward {\ntype filter hook forward priority 0; policy drop;\n"
        + String.join("\n", rules)
        + "\n}\n}\n";
  }

  private Decision forward(Sketch frame) {
    return forward("user", frame.frame());
  }

  private Decision back(Sketch frame) {
    return forward("uplink", frame.frame());
  }

  /// The whole way through the bridge.
  private Decision forward(String in, byte[] frame) {
    String out = in.equals("user") ? "uplink" : "user";
    last = firewall.inspect(Packet.of(frame), in, 1);
    Decision first = last.judge(Hook.PREROUTING, "");
    Decision second = first == Decision.ACCEPT ? last.judge(Hook.FORWARD, out) : first;
    return second == Decision.ACCEPT ? last.judge(Hook.POSTROUTING, out) : second;
  }

  private static Sketch fromUser() {
    return Sketch.between(USER, SERVER).ip(A, B, 6, 64);
  }

  private static Sketch fromServer() {
    return Sketch.between(SERVER, USER).ip(B, A, 6, 64);
  }

  private static Sketch udp(int from, int to) {
    return Sketch.between(USER, SERVER).ip(A, B, 17, 64).udp(from, to);
  }

  private static Sketch udpBack(int from, int to) {
    return Sketch.between(SERVER, USER).ip(B, A, 17, 64).udp(from, to);
  }

  @Test
  void nothingPassesBeforeThereAreRules() throws RulesetException {
    assertThat(forward(udp(1, 2))).isEqualTo(Decision.NO_RULES);
    assertThat(last.answer()).isEmpty();
    assertThat(firewall.ruleset()).isEmpty();
    firewall.load(Ruleset.acceptAll(), Established.CUT);
    assertThat(forward(udp(1, 2))).isEqualTo(Decision.ACCEPT);
    firewall.close();
    assertThat(forward(udp(1, 2))).isEqualTo(Decision.NO_RULES);
  }

  @Test
  void nothingPassesWhenJudgingFails() throws RulesetException {
    Firewall broken =
        new Firewall(entry -> {
          throw new IllegalStateException("the log is full");
        });
    broken.load(RulesetText.parse("test.nft", policyDrop("log accept")), Established.CUT);
    Inspection inspection = broken.inspect(Packet.of(udp(1, 2).frame()), "user", 1);
    assertThat(inspection.judge(Hook.FORWARD, "uplink")).isEqualTo(Decision.FAILED);
    assertThat(inspection.answer()).isEmpty();
  }

  @Test
  void rulesThatMakeNoSenseAreRefusedAndTheOldOnesStay() throws RulesetException {
    load("udp dport 2 accept");
    Ruleset nonsense = new Ruleset(List.of());
    assertThatThrownBy(() -> firewall.load(nonsense, Established.CUT))
        .isInstanceOf(RulesetException.class)
        .hasMessage("ruleset: no chain has a hook: every frame would pass unseen");
    assertThat(forward(udp(1, 2))).isEqualTo(Decision.ACCEPT);
    assertThat(forward(udp(1, 3))).isEqualTo(Decision.DROP);
  }

  @Test
  void aFrameIsJudgedByTheRulesThatWereInForceWhenItCame() throws RulesetException {
    load("accept");
    Inspection came = firewall.inspect(Packet.of(udp(1, 2).frame()), "user", 1);
    load("drop");
    assertThat(came.judge(Hook.FORWARD, "uplink")).isEqualTo(Decision.ACCEPT);
    assertThat(forward(udp(1, 2))).isEqualTo(Decision.DROP);
  }

  @Test
  void countersGoOnFromWhatTheRulesSay() throws RulesetException {
    load("udp dport 2 counter packets 7 bytes 1000 accept", "counter");
    forward(udp(1, 2));
    forward(udp(1, 3));
    int bytes = udp(1, 2).frame().length;
    assertThat(RulesetText.print(firewall.ruleset().orElseThrow()))
        .contains("udp dport 2 counter packets 8 bytes %d accept\n".formatted(1000 + bytes))
        .contains("counter packets 1 bytes %d\n".formatted(bytes));
  }

  @Test
  void logsWhatARuleTells() throws RulesetException {
    load("udp dport 2 log prefix \"odd: \" drop");
    forward(udp(1, 2));
    forward(udp(1, 3));
    assertThat(log)
        .extracting(LogEntry::toString)
        .containsExactly(
            "odd: forward iif=user oif=uplink vlan=1"
                + " 02000000000a -> 02000000000b UDP, 42 bytes");
  }

  @Test
  void limitsHowManyMatch() throws RulesetException {
    load("limit rate 10/second burst 3 packets accept");
    List<Decision> decisions = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      decisions.add(forward(udp(1, 2)));
    }
    assertThat(decisions)
        .containsExactly(Decision.ACCEPT, Decision.ACCEPT, Decision.ACCEPT, Decision.DROP);
    now.addAndGet(Duration.ofMillis(100).toNanos() - 1);
    assertThat(forward(udp(1, 2))).isEqualTo(Decision.DROP);
    now.addAndGet(1);
    assertThat(forward(udp(1, 2))).isEqualTo(Decision.ACCEPT);
    assertThat(forward(udp(1, 2))).isEqualTo(Decision.DROP);
    now.addAndGet(Duration.ofDays(1).toNanos());
    for (int i = 0; i < 3; i++) {
      assertThat(forward(udp(1, 2))).isEqualTo(Decision.ACCEPT);
    }
    assertThat(forward(udp(1, 2))).isEqualTo(Decision.DROP);
  }

  @Test
  void orMatchesThoseThatAreTooMany() throws RulesetException {
    load("limit rate over 1/week burst 1 packets drop", "accept");
    assertThat(forward(udp(1, 2))).isEqualTo(Decision.ACCEPT);
    assertThat(forward(udp(1, 2))).isEqualTo(Decision.DROP);
  }

  @Test
  void letsAConnectionThroughFromItsFirstSegmentOn() throws RulesetException {
    load("ct state established,related accept", "iifname \"user\" ct state new accept");
    assertThat(back(fromServer().tcp(80, 4000, SYN))).isEqualTo(Decision.DROP);
    assertThat(back(fromServer().tcp(80, 4000, SYN | ACK))).isEqualTo(Decision.DROP);
    assertThat(forward(fromUser().tcp(4000, 80, ACK))).isEqualTo(Decision.DROP);
    assertThat(forward(fromUser().tcp(4000, 80, SYN))).isEqualTo(Decision.ACCEPT);
    assertThat(forward(fromUser().tcp(4000, 80, ACK))).isEqualTo(Decision.DROP);
    assertThat(back(fromServer().tcp(80, 4000, ACK))).isEqualTo(Decision.DROP);
    assertThat(back(fromServer().tcp(80, 4000, SYN | ACK))).isEqualTo(Decision.ACCEPT);
    assertThat(forward(fromUser().tcp(4000, 80, ACK))).isEqualTo(Decision.ACCEPT);
    assertThat(back(fromServer().tcp(80, 4000, ACK))).isEqualTo(Decision.ACCEPT);
    assertThat(back(fromServer().tcp(81, 4000, ACK))).isEqualTo(Decision.DROP);
    assertThat(firewall.connections()).isEqualTo(1);
  }

  @Test
  void cutsEstablishedConnectionsWithTheRules() throws RulesetException {
    String[] rules = {"ct state established accept", "ct state new accept"};
    load(rules);
    forward(fromUser().tcp(4000, 80, SYN));
    back(fromServer().tcp(80, 4000, SYN | ACK));
    load(Established.KEEP, rules);
    assertThat(forward(fromUser().tcp(4000, 80, ACK))).isEqualTo(Decision.ACCEPT);
    load(Established.CUT, rules);
    assertThat(firewall.connections()).isZero();
    assertThat(forward(fromUser().tcp(4000, 80, ACK))).isEqualTo(Decision.DROP);
    assertThat(back(fromServer().tcp(80, 4000, ACK))).isEqualTo(Decision.DROP);
    assertThat(forward(fromUser().tcp(4000, 80, SYN))).isEqualTo(Decision.ACCEPT);
  }

  @Test
  void aDroppedPacketOpensNothing() throws RulesetException {
    load("ct state established accept", "udp dport 53 accept");
    assertThat(forward(udp(4000, 54))).isEqualTo(Decision.DROP);
    assertThat(firewall.connections()).isZero();
    assertThat(back(udpBack(54, 4000))).isEqualTo(Decision.DROP);
    assertThat(forward(udp(4000, 53))).isEqualTo(Decision.ACCEPT);
    assertThat(back(udpBack(53, 4000))).isEqualTo(Decision.ACCEPT);
  }

  @Test
  void connectionsEndWhenNothingIsSaid() throws RulesetException {
    load("ct state established accept", "iifname \"user\" accept");
    forward(udp(4000, 53));
    now.addAndGet(Duration.ofSeconds(31).toNanos());
    assertThat(back(udpBack(53, 4000))).isEqualTo(Decision.DROP);
    forward(udp(4000, 53));
    assertThat(back(udpBack(53, 4000))).isEqualTo(Decision.ACCEPT);
    now.addAndGet(Duration.ofSeconds(119).toNanos());
    assertThat(back(udpBack(53, 4000))).isEqualTo(Decision.ACCEPT);
    now.addAndGet(Duration.ofSeconds(121).toNanos());
    assertThat(back(udpBack(53, 4000))).isEqualTo(Decision.DROP);
    assertThat(firewall.connections()).isEqualTo(1);
  }

  @Test
  void aConnectionThatEndsMakesRoomForOneOfTheSamePorts() throws RulesetException {
    load("ct state established accept", "ct state new accept");
    forward(fromUser().tcp(4000, 80, SYN));
    back(fromServer().tcp(80, 4000, SYN | ACK));
    forward(fromUser().tcp(4000, 80, FIN | ACK));
    assertThat(back(fromServer().tcp(80, 4000, FIN | ACK))).isEqualTo(Decision.ACCEPT);
    assertThat(forward(fromUser().tcp(4000, 80, SYN))).isEqualTo(Decision.ACCEPT);
    assertThat(back(fromServer().tcp(80, 4000, ACK))).isEqualTo(Decision.DROP);
    assertThat(back(fromServer().tcp(80, 4000, RST | ACK))).isEqualTo(Decision.ACCEPT);
    assertThat(firewall.connections()).isEqualTo(1);
    now.addAndGet(Duration.ofSeconds(11).toNanos());
    assertThat(forward(fromUser().tcp(4000, 80, ACK))).isEqualTo(Decision.DROP);
  }

  @Test
  void aPortHasItsShareOfConnectionsAndNoMore() throws RulesetException {
    load("ct state established accept", "accept");
    for (int port = 1; port <= 4; port++) {
      assertThat(forward(udp(port, 53))).isEqualTo(Decision.ACCEPT);
    }
    assertThat(forward(udp(5, 53))).isEqualTo(Decision.TOO_MANY_CONNECTIONS);
    assertThat(forward(udp(4, 53))).isEqualTo(Decision.ACCEPT);
    for (int port = 101; port <= 104; port++) {
      assertThat(back(udpBack(port, 53))).isEqualTo(Decision.ACCEPT);
    }
    assertThat(back(udpBack(105, 53))).isEqualTo(Decision.TOO_MANY_CONNECTIONS);
    assertThat(firewall.connections()).isEqualTo(8);
    now.addAndGet(Duration.ofSeconds(31).toNanos());
    assertThat(forward(udp(5, 53))).isEqualTo(Decision.ACCEPT);
    assertThat(firewall.connections()).isEqualTo(1);
  }

  @Test
  void answersToPingsBelongToThem() throws RulesetException {
    load("ct state established accept", "iifname \"user\" ct state new accept");
    Sketch ping = Sketch.between(USER, SERVER).ip(A, B, 1, 64).icmp(8, 0, 77);
    Sketch pong = Sketch.between(SERVER, USER).ip(B, A, 1, 64).icmp(0, 0, 77);
    Sketch other = Sketch.between(SERVER, USER).ip(B, A, 1, 64).icmp(0, 0, 78);
    assertThat(back(pong)).isEqualTo(Decision.DROP);
    assertThat(forward(ping)).isEqualTo(Decision.ACCEPT);
    assertThat(back(pong)).isEqualTo(Decision.ACCEPT);
    assertThat(back(other)).isEqualTo(Decision.DROP);
  }

  @Test
  void errorsBelongToWhatTheyQuote() throws RulesetException {
    load("ct state related accept", "iifname \"user\" ct state new accept");
    forward(udp(4000, 53));
    byte[] quoted = udp(4000, 53).packet();
    byte[] stranger = udp(4000, 54).packet();
    assertThat(back(error(A).data(quoted))).isEqualTo(Decision.ACCEPT);
    assertThat(back(error(A).data(stranger))).isEqualTo(Decision.DROP);
    assertThat(back(error(A + 1).data(quoted))).isEqualTo(Decision.DROP);
    assertThat(back(error(A).data(Arrays.copyOf(quoted, 27)))).isEqualTo(Decision.DROP);
    assertThat(back(error(A))).isEqualTo(Decision.DROP);
    Sketch six = Sketch.between(USER, SERVER).ip6(A6, B6, 17, 64).udp(4000, 53);
    Sketch error6 =
        Sketch.between(SERVER, USER).ip6(B6, A6, 58, 64).icmp(1, 4, 0).data(six.packet());
    assertThat(back(error6)).isEqualTo(Decision.DROP);
    forward(six);
    assertThat(back(error6)).isEqualTo(Decision.ACCEPT);
  }

  private static Sketch error(long to) {
    return Sketch.between(SERVER, USER).ip(B, to, 1, 64).icmp(3, 3, 0);
  }

  @Test
  void saysWhatAPacketIs() throws RulesetException {
    load(
        "ct state untracked counter accept",
        "ct state invalid counter accept",
        "ct state new counter accept");
    forward(Sketch.between(USER, SERVER).arp(1, A, B));
    forward(Sketch.between(USER, SERVER).ip6(A6, B6, 58, 255).icmp(135, 0, 0));
    forward(Sketch.between(USER, SERVER).text(0x88cc));
    forward(fromUser().tcp(1, 2, ACK));
    byte[] fragment = udp(1, 2).frame();
    fragment[21] = 1;
    forward("user", fragment);
    forward(Sketch.between(USER, SERVER).ip(A, B, 132, 64));
    String counted = RulesetText.print(firewall.ruleset().orElseThrow());
    assertThat(counted)
        .contains("untracked counter packets 3")
        .contains("invalid counter packets 2")
        .contains("new counter packets 1");
  }

  @Test
  void resetsAConnectionThatIsRejected() throws RulesetException {
    load("reject with tcp reset");
    assertThat(forward(fromUser().tcp(4000, 80, SYN))).isEqualTo(Decision.REJECT);
    Packet answer = Packet.of(last.answer().orElseThrow());
    assertThat(answer.source()).isEqualTo(SERVER);
    assertThat(answer.destination()).isEqualTo(USER);
    assertThat(answer.ipSourceLow()).isEqualTo(B);
    assertThat(answer.ipDestinationLow()).isEqualTo(A);
    assertThat(answer.sourcePort()).isEqualTo(80);
    assertThat(answer.destinationPort()).isEqualTo(4000);
    assertThat(answer.tcpFlags()).isEqualTo(RST | ACK);
    assertThat(answer.tcpSequence()).isZero();
    assertThat(answer.tcpAcknowledgement()).isEqualTo(1001);
    checksumsAreRight(answer, 6);

    forward(fromUser().tcp(4000, 80, ACK).data(new byte[] {1, 2, 3}));
    Packet second = Packet.of(last.answer().orElseThrow());
    assertThat(second.tcpFlags()).isEqualTo(RST);
    assertThat(second.tcpSequence()).isEqualTo(2000);

    forward(fromUser().tcp(4000, 80, RST));
    assertThat(last.answer()).isEmpty();
    forward(udp(1, 2));
    assertThat(last.answer()).isEmpty();
    forward(Sketch.between(USER, SERVER).ip6(A6, B6, 6, 64).tcp(4000, 80, SYN));
    checksumsAreRight(Packet.of(last.answer().orElseThrow()), 6);
  }

  @Test
  void saysThatWhatIsRejectedCannotBeReached() throws RulesetException {
    load("reject with icmpx admin-prohibited");
    assertThat(forward(udp(4000, 53))).isEqualTo(Decision.REJECT);
    Packet answer = Packet.of(last.answer().orElseThrow());
    assertThat(answer.transport()).isEqualTo(Transport.ICMP);
    assertThat(answer.icmpType()).isEqualTo(3);
    assertThat(answer.icmpCode()).isEqualTo(13);
    byte[] quoted = udp(4000, 53).packet();
    assertThat(Arrays.copyOfRange(answer.frame(), answer.dataAt(), answer.endAt()))
        .isEqualTo(quoted);
    checksumsAreRight(answer, 0);
  }

  @Test
  void saysSoInVersion6Too() throws RulesetException {
    load("reject");
    forward(Sketch.between(USER, SERVER).ip6(A6, B6, 17, 64).udp(1, 2));
    Packet six = Packet.of(last.answer().orElseThrow());
    assertThat(six.icmpType()).isEqualTo(1);
    assertThat(six.icmpCode()).isEqualTo(4);
    checksumsAreRight(six, 58);
  }

  @Test
  void answersNothingThatMustNotBeAnswered() throws RulesetException {
    load("reject");
    List<byte[]> silent =
        List.of(
            Sketch.between(USER, 0xffff_ffff_ffffL).ip(A, B, 17, 64).udp(1, 2).frame(),
            Sketch.between(USER, SERVER).ip(A, 0xe000_0001L, 17, 64).udp(1, 2).frame(),
            Sketch.between(USER, SERVER).ip(0xffff_ffffL, B, 17, 64).udp(1, 2).frame(),
            Sketch.between(USER, SERVER).ip(0, B, 17, 64).udp(1, 2).frame(),
            Sketch.between(USER, SERVER).ip6(new Value(0, 0), B6, 17, 64).udp(1, 2).frame(),
            Sketch.between(USER, SERVER).arp(1, A, B).frame(),
            error(A).data(udp(1, 2).packet()).frame());
    for (byte[] frame : silent) {
      assertThat(forward("user", frame)).isEqualTo(Decision.REJECT);
      assertThat(last.answer()).isEqualTo(Optional.empty());
    }
    byte[] broken = udp(1, 2).frame();
    broken[24] ^= 1;
    forward("user", broken);
    assertThat(last.answer()).isEmpty();
  }

  /// @param protocol of the pseudo header; 0 where there is none
  private static void checksumsAreRight(Packet answer, int protocol) {
    boolean six = answer.network() == Packet.Network.IPV6;
    int at = answer.transportAt();
    if (!six) {
      long header = Checksum.add(0, answer.frame(), answer.networkAt(), 20);
      assertThat(Checksum.finish(header)).isZero();
    }
    int addresses = six ? 32 : 8;
    int bytes = answer.endAt() - at;
    long sum = Checksum.add(0, answer.frame(), at, bytes);
    if (protocol != 0) {
      sum = Checksum.add(sum + protocol + bytes, answer.frame(), at - addresses, addresses);
    }
    assertThat(Checksum.finish(sum)).isZero();
  }
}
