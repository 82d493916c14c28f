package dev.portcullis.vmm.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.TcpFlags;
import dev.portcullis.vmm.filter.Sketch;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.filter.run.Firewall;
import dev.portcullis.vmm.filter.run.Restrictions;
import dev.portcullis.vmm.filter.text.RulesetText;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Rules of single ports beside those of the bridge.
class RestrictedBridgeTest {
  private static final long OTHER = 0x0200_0000_0077L;
  private static final long USER_IP = 0x0a09_0005;
  private static final long OTHER_IP = 0x0a09_0006;
  private static final long SERVER_IP = 0x0a09_0001;
  private static final int SYN = TcpFlags.SYN;
  private static final int ACK = TcpFlags.ACK;

  private static final String WEB =
      """
      table bridge own {
        chain forward {
          type filter hook forward priority 0; policy drop;
          ct state established accept
          ct state invalid counter drop
          iifname "user" tcp dport 80 accept
          iifname "user" meta l4proto tcp reject with tcp reset
        }
      }
      """;

  private static final String BASE =
      """
      table bridge base {
        chain forward {
          type filter hook forward priority 0; policy drop;
          ct state established accept
          tcp dport { 22, 80 } accept
        }
      }
      """;

  private final TestLink user = new TestLink();
  private final TestLink other = new TestLink();
  private final TestLink uplink = new TestLink();
  private final Firewall firewall = new Firewall(entry -> {});
  private final Restrictions restrictions = new Restrictions(firewall, Set.of("user"), entry -> {});

  @BeforeEach
  void plug() throws Exception {
    firewall.load(RulesetText.parse("base.nft", BASE), Established.CUT);
    Bridge bridge = new Bridge(restrictions);
    bridge.add("user", user);
    bridge.add("other", other);
    bridge.add("uplink", uplink);
    // So that the bridge knows where everybody is.
    restrictions.lift("user");
    user.inject(segment(Sketch.USER, USER_IP, 9, ACK));
    other.inject(segment(OTHER, OTHER_IP, 9, ACK));
    uplink.inject(answer(Sketch.USER, USER_IP, 9, ACK));
    restrictions.close("user");
    nothing(user, other, uplink);
  }

  private static void nothing(TestLink... links) {
    for (TestLink link : links) {
      assertThat(link.taken()).isEmpty();
    }
  }

  private static byte[] segment(long from, long ip, int port, int flags) {
    return Sketch.between(from, Sketch.SERVER)
        .ip(ip, SERVER_IP, 6, 64)
        .tcp(4000, port, flags)
        .frame();
  }

  private static byte[] answer(long to, long ip, int port, int flags) {
    return Sketch.between(Sketch.SERVER, to)
        .ip(SERVER_IP, ip, 6, 64)
        .tcp(port, 4000, flags)
        .frame();
  }

  private void user(int port, int flags) {
    user.inject(segment(Sketch.USER, USER_IP, port, flags));
  }

  private void server(int port, int flags) {
    uplink.inject(answer(Sketch.USER, USER_IP, port, flags));
  }

  private void connectUser(int port) {
    user(port, SYN);
    server(port, SYN | ACK);
    user(port, ACK);
    assertThat(uplink.taken()).hasSize(2);
    assertThat(user.taken()).hasSize(1);
  }

  private static Ruleset rules(String text) throws RulesetException {
    return RulesetText.parse("own.nft", text);
  }

  @Test
  void closedPortIsDeadBothWaysAndOthersGoOn() {
    user(80, SYN);
    nothing(uplink);
    server(80, SYN);
    nothing(user);
    other.inject(segment(OTHER, OTHER_IP, 80, SYN));
    uplink.inject(answer(OTHER, OTHER_IP, 80, SYN | ACK));
    assertThat(uplink.taken()).hasSize(1);
    assertThat(other.taken()).hasSize(1);
    assertThat(restrictions.restricted()).containsExactly("user");
    assertThat(restrictions.ruleset("user")).isEmpty();
  }

  @Test
  void broadcastReachesEveryOpenPort() {
    uplink.inject(Sketch.between(Sketch.SERVER, 0xffff_ffff_ffffL).arp(1, 1, 2).frame());
    nothing(user, other);
    firewall.close();
    restrictions.lift("user");
    uplink.inject(Sketch.between(Sketch.SERVER, 0xffff_ffff_ffffL).arp(1, 1, 2).frame());
    nothing(user, other);
  }

  @Test
  void frameHasToPassTheRulesOfItsPortAndOfTheBridge() throws Exception {
    restrictions.restrict("user", rules(WEB));
    connectUser(80);
    user(22, SYN);
    nothing(uplink);
    Packet reset = Packet.of(HexFormat.of().parseHex("0".repeat(24) + user.taken().getFirst()));
    assertThat(reset.tcpFlags()).isEqualTo(TcpFlags.RST | ACK);
    // The port's rules say nothing against it, but the bridge's do.
    restrictions.restrict("user", Ruleset.acceptAll());
    user(443, SYN);
    nothing(uplink);
  }

  @Test
  void rulesOfAPortCountAlsoForWhatComesToIt() throws Exception {
    firewall.load(Ruleset.acceptAll(), Established.CUT);
    restrictions.restrict("user", rules(WEB));
    server(80, SYN);
    nothing(user);
    other.inject(
        Sketch.between(OTHER, Sketch.USER).ip(OTHER_IP, USER_IP, 6, 64).tcp(1, 80, SYN).frame());
    nothing(user);
  }

  @Test
  void whatWasEstablishedIsCutWithNewRulesAndOthersFlowsAreNot() throws Exception {
    restrictions.lift("user");
    connectUser(80);
    other.inject(segment(OTHER, OTHER_IP, 80, SYN));
    uplink.inject(answer(OTHER, OTHER_IP, 80, SYN | ACK));
    uplink.taken();
    other.taken();

    restrictions.restrict("user", rules(WEB));

    user(80, ACK);
    server(80, ACK);
    nothing(uplink, user);
    other.inject(segment(OTHER, OTHER_IP, 80, ACK));
    uplink.inject(answer(OTHER, OTHER_IP, 80, ACK));
    assertThat(uplink.taken()).hasSize(1);
    assertThat(other.taken()).hasSize(1);
    assertThat(RulesetText.print(restrictions.ruleset("user").orElseThrow()))
        .contains("counter packets 2");
    restrictions.restrict("user", rules(WEB));
    user.inject(
        Sketch.between(Sketch.USER, Sketch.SERVER)
            .ip(USER_IP, SERVER_IP, 6, 64)
            .tcp(4001, 80, SYN)
            .frame());
    assertThat(uplink.taken()).as("it begins anew").hasSize(1);
  }

  @Test
  void rulesThatMakeNoSenseLeaveThoseBefore() throws Exception {
    restrictions.restrict("user", rules(WEB));
    assertThatThrownBy(() -> restrictions.restrict("user", new Ruleset(List.of())))
        .isInstanceOf(RulesetException.class);
    connectUser(80);
    user(22, SYN);
    nothing(uplink);
  }
}
