package dev.portcullis.vmm.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.net.Link;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.filter.Sketch;
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
                Sketch.between(MAC, ALL).ip(OWN, VICTIM, UDP, 64).frame()));
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
