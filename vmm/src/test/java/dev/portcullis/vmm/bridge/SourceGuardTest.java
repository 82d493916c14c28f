package dev.portcullis.vmm.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.net.Link;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.filter.Sketch;
import dev.portcullis.vmm.filter.rule.Value;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A partition that has its card send with others' addresses.
class SourceGuardTest {
  private static final long MAC = Sketch.USER;
  private static final long VICTIM_MAC = Sketch.SERVER;
  private static final long OWN = 0x0a09_0002L;
  private static final long VICTIM = 0x0a09_0001L;
  private static final long ALL = 0xffff_ffff_ffffL;
  private static final int UDP = 17;

  private final Wire wire = new Wire();
  private SourceGuard guard;

  private static final class Wire implements Link {
    private int sent;

    @Override
    public void connect(Consumer<byte[]> receiver) {}

    @Override
    public void send(byte[] frame) {
      sent++;
    }
  }

  @BeforeEach
  void plug() {
    guard = new SourceGuard(wire, MAC, Optional.of(new Ipv4Address((int) OWN)));
  }

  private boolean passes(byte[] frame) {
    int before = wire.sent;
    guard.send(frame);
    return wire.sent > before;
  }

  @Test
  void whatIsItsOwnGoesOut() {
    assertThat(passes(Sketch.between(MAC, VICTIM_MAC).ip(OWN, VICTIM, UDP, 64).frame())).isTrue();
    assertThat(passes(Sketch.between(MAC, ALL).arp(1, OWN, VICTIM).frame())).isTrue();
    assertThat(passes(Sketch.between(MAC, ALL).arp(1, 0, OWN).frame())).as("a probe").isTrue();
    assertThat(passes(Sketch.between(MAC, ALL).text(0x88b5).frame())).isTrue();
    assertThat(guard.refused()).isZero();
  }

  @Test
  void anothersCardIsNotPlayed() {
    assertThat(passes(Sketch.between(VICTIM_MAC, ALL).ip(OWN, VICTIM, UDP, 64).frame())).isFalse();
    assertThat(passes(Sketch.between(VICTIM_MAC, ALL).text(0x88b5).frame())).isFalse();
    assertThat(guard.refused()).isEqualTo(2);
  }

  @Test
  void anothersAddressIsNotUsed() {
    assertThat(passes(Sketch.between(MAC, ALL).ip(VICTIM, OWN, UDP, 64).frame())).isFalse();
    assertThat(passes(Sketch.between(MAC, ALL).tag(0, 5).ip(VICTIM, OWN, UDP, 64).frame()))
        .as("nor in a virtual LAN")
        .isFalse();
  }

  @Test
  void neighboursAreToldNothingWrong() {
    assertThat(passes(Sketch.between(MAC, ALL).arp(2, VICTIM, VICTIM).frame())).isFalse();
    byte[] poison = Sketch.between(MAC, ALL).arp(2, OWN, VICTIM).frame();
    poison[14 + 8 + 5] ^= 1; // the sender's hardware address within the answer
    assertThat(passes(poison)).isFalse();
  }

  /// `fe80::200:ff:fe00:a`, from 02:00:00:00:00:0a.
  private static final Value OWN_6 = new Value(0xfe80L << 48, 0x0000_00ff_fe00_000aL);

  private static final Value VICTIM_6 = new Value(0xfe80L << 48, 0x0000_00ff_fe00_000bL);
  private static final Value NONE_6 = new Value(0, 0);
  private static final Value ALL_6 = new Value(0xff02L << 48, 1);
  private static final int ICMPV6 = 58;

  private static byte[] six(Value from, int protocol, byte[] data) {
    return Sketch.between(MAC, ALL).ip6(from, ALL_6, protocol, 255).data(data).frame();
  }

  /// A message of neighbour discovery.
  ///
  /// @param about the address it is about
  /// @param option 1 for the sender's hardware address, 2 for that of whom it is about
  private static byte[] neighbour(Value from, int type, Value about, int option, long mac) {
    ByteBuffer message = ByteBuffer.allocate(32).putInt(type << 24).putInt(0);
    message.putLong(about.high()).putLong(about.low()).put((byte) option).put((byte) 1);
    message.putShort((short) (mac >>> 32)).putInt((int) mac);
    return six(from, ICMPV6, message.array());
  }

  @Test
  void itsOwnLinkLocalAddressGoesOut() {
    assertThat(passes(six(OWN_6, UDP, new byte[8]))).isTrue();
    assertThat(passes(neighbour(OWN_6, 135, VICTIM_6, 1, MAC))).as("who is it?").isTrue();
    assertThat(passes(neighbour(OWN_6, 136, OWN_6, 2, MAC))).as("it is me").isTrue();
    assertThat(passes(neighbour(NONE_6, 135, OWN_6, 14, 0))).as("is it anybody's?").isTrue();
    assertThat(passes(six(OWN_6, ICMPV6, new byte[] {(byte) 128, 0, 0, 0, 0, 0, 0, 0}))).isTrue();
    assertThat(passes(six(NONE_6, ICMPV6, new byte[] {(byte) 143, 0, 0, 0, 0, 0, 0, 0}))).isTrue();
    assertThat(guard.refused()).isZero();
  }

  @Test
  void noOtherIpv6AddressIsUsed() {
    assertThat(passes(six(VICTIM_6, UDP, new byte[8]))).isFalse();
    assertThat(passes(six(new Value(0x2001_0db8L << 32, 1), UDP, new byte[8]))).isFalse();
    assertThat(passes(six(NONE_6, UDP, new byte[8]))).isFalse();
    assertThat(passes(six(NONE_6, ICMPV6, new byte[] {(byte) 128, 0, 0, 0, 0, 0, 0, 0}))).isFalse();
    byte[] cut = Arrays.copyOf(six(OWN_6, UDP, new byte[8]), 40);
    assertThat(passes(cut)).as("what claims to be IPv6 and is none").isFalse();
  }

  @Test
  void neighboursAreToldNothingWrongByIpv6Either() {
    assertThat(passes(neighbour(OWN_6, 136, VICTIM_6, 2, MAC))).isFalse();
    assertThat(passes(neighbour(OWN_6, 136, OWN_6, 2, VICTIM_MAC))).isFalse();
    assertThat(passes(neighbour(OWN_6, 135, VICTIM_6, 1, VICTIM_MAC))).isFalse();
    assertThat(passes(neighbour(NONE_6, 135, VICTIM_6, 14, 0))).as("another's check").isFalse();
    assertThat(passes(neighbour(OWN_6, 134, OWN_6, 1, MAC))).as("it is no router").isFalse();
    assertThat(passes(neighbour(OWN_6, 137, OWN_6, 2, MAC))).as("nor redirects").isFalse();
  }

  @Test
  void fragmentsAndHeadersWithoutEndHideNothing() {
    byte[] first = new byte[] {ICMPV6, 0, 0, 1, 0, 0, 0, 7, (byte) 134, 0, 0, 0, 0, 0, 0, 0};
    assertThat(passes(six(OWN_6, 44, first))).isFalse();
    byte[] later = new byte[] {ICMPV6, 0, 0, 8, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0};
    assertThat(passes(six(OWN_6, 44, later))).isFalse();
    byte[] many = new byte[9 * 8 + 8];
    for (int at = 0; at < 9 * 8; at += 8) {
      many[at] = 60;
    }
    many[8 * 8] = ICMPV6;
    many[9 * 8] = (byte) 134;
    assertThat(passes(six(OWN_6, 60, many))).isFalse();
    byte[] hidden = new byte[8 + 8];
    hidden[0] = ICMPV6;
    hidden[8] = (byte) 134;
    assertThat(passes(six(OWN_6, 60, hidden))).as("behind destination options").isFalse();
    byte[] endless = neighbour(OWN_6, 136, OWN_6, 2, MAC);
    endless[endless.length - 7] = 0; // the option's length
    assertThat(passes(endless)).isFalse();
  }

  @Test
  void withoutAnAddressOfItsOwnTheCardsCounts() {
    guard = new SourceGuard(wire, MAC, Optional.empty());
    assertThat(passes(Sketch.between(MAC, ALL).ip(VICTIM, OWN, UDP, 64).frame())).isTrue();
    assertThat(passes(Sketch.between(VICTIM_MAC, ALL).ip(OWN, VICTIM, UDP, 64).frame())).isFalse();
  }

  @Test
  void randomFramesThatGoOutAreItsOwn() {
    SplittableRandom random = new SplittableRandom(9);
    List<byte[]> good =
        new ArrayList<>(
            List.of(
                Sketch.between(MAC, ALL).arp(1, OWN, VICTIM).frame(),
                Sketch.between(MAC, ALL).ip(OWN, VICTIM, UDP, 64).frame(),
                neighbour(OWN_6, 136, OWN_6, 2, MAC)));
    for (int i = 0; i < 100_000; i++) {
      byte[] frame = good.get(random.nextInt(good.size())).clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
      }
      byte[] cut = Arrays.copyOf(frame, random.nextInt(frame.length + 1));
      if (passes(cut)) {
        assertThat(cut.length).isGreaterThanOrEqualTo(14);
        for (int at = 0; at < 6; at++) {
          assertThat(cut[6 + at]).isEqualTo((byte) (MAC >>> 40 - 8 * at));
        }
      }
    }
  }
}
