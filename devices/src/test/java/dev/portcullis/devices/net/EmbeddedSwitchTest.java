package dev.portcullis.devices.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.portcullis.devices.net.VirtualPort.Sources;
import dev.portcullis.net.Link;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Three virtual functions: the first two in no virtual LAN, the third in number 7.
class EmbeddedSwitchTest {
  private static final long PF = 0x0200_0000_0010L;
  private static final long OUTSIDE = 0x0200_0000_0099L;
  private static final long ALL = 0xffff_ffff_ffffL;

  private final ScriptedWire wire = new ScriptedWire();
  private final EmbeddedSwitch joint =
      new EmbeddedSwitch(
          wire,
          PF,
          List.of(
              VirtualPort.of(PF + 1),
              VirtualPort.of(PF + 2),
              new VirtualPort(PF + 3, 7, Sources.OWN)));
  private final List<byte[]> atPhysical = new ArrayList<>();
  private final List<List<byte[]>> at = new ArrayList<>();

  @BeforeEach
  void plug() {
    joint.physical().connect(atPhysical::add);
    for (int i = 0; i < 3; i++) {
      List<byte[]> received = new ArrayList<>();
      at.add(received);
      joint.virtual(i).connect(received::add);
    }
  }

  private Link port(int index) {
    return joint.virtual(index);
  }

  private void assertReceived(int physical, int first, int second, int third, int outside) {
    assertThat(
            List.of(
                atPhysical.size(),
                at.get(0).size(),
                at.get(1).size(),
                at.get(2).size(),
                wire.sent().size()))
        .containsExactly(physical, first, second, third, outside);
  }

  @Test
  void aFrameForAnotherFunctionStaysInside() {
    byte[] frame = Frames.plain(PF + 2, PF + 1);
    port(0).send(frame);
    assertReceived(0, 0, 1, 0, 0);
    assertThat(at.get(1)).containsExactly(frame);
    port(1).send(Frames.plain(PF, PF + 2));
    assertReceived(1, 0, 1, 0, 0);
    joint.physical().send(Frames.plain(PF + 1, PF));
    assertReceived(1, 1, 1, 0, 0);
  }

  @Test
  void aFrameForNobodyInsideGoesToTheWireAndNowhereElse() {
    port(0).send(Frames.plain(OUTSIDE, PF + 1));
    joint.physical().send(Frames.plain(OUTSIDE, PF));
    assertReceived(0, 0, 0, 0, 2);
  }

  @Test
  void aFrameFromOutsideForNobodyInsideGoesToThePhysicalFunction() {
    wire.deliver(Frames.plain(PF + 2, OUTSIDE));
    assertReceived(0, 0, 1, 0, 0);
    wire.deliver(Frames.plain(0x0200_0000_0077L, OUTSIDE));
    assertReceived(1, 0, 1, 0, 0);
  }

  @Test
  void aFrameForAllReachesAllOfTheSameVirtualLanButItsSender() {
    port(0).send(Frames.plain(ALL, PF + 1));
    assertReceived(1, 0, 1, 0, 1);
    wire.deliver(Frames.plain(ALL, OUTSIDE));
    assertReceived(2, 1, 2, 0, 1);
    joint.physical().send(Frames.plain(ALL, PF));
    assertReceived(2, 2, 3, 0, 2);
  }

  @Test
  void whoIsInAVirtualLanNeverSeesItsTag() {
    byte[] plain = Frames.plain(OUTSIDE, PF + 3);
    port(2).send(plain);
    assertThat(wire.sent()).containsExactly(Frames.tagged(OUTSIDE, PF + 3, 7));
    wire.deliver(Frames.tagged(PF + 3, OUTSIDE, 7));
    wire.deliver(Frames.tagged(ALL, OUTSIDE, 7));
    assertThat(at.get(2))
        .containsExactly(Frames.plain(PF + 3, OUTSIDE), Frames.plain(ALL, OUTSIDE));
    assertReceived(1, 0, 0, 2, 1);
  }

  @Test
  void aPriorityTagBecomesThatOfTheVirtualLan() {
    byte[] prioritized = Frames.tagged(OUTSIDE, PF + 3, 5 << 13);
    port(2).send(prioritized);
    assertThat(wire.sent()).containsExactly(Frames.tagged(OUTSIDE, PF + 3, 5 << 13 | 7));
  }

  @Test
  void virtualLansAreApart() {
    port(0).send(Frames.plain(PF + 3, PF + 1));
    port(2).send(Frames.plain(PF + 1, PF + 3));
    wire.deliver(Frames.tagged(PF + 3, OUTSIDE, 8));
    wire.deliver(Frames.plain(PF + 3, OUTSIDE));
    wire.deliver(Frames.tagged(PF + 1, OUTSIDE, 7));
    assertReceived(3, 0, 0, 0, 2);
  }

  @Test
  void aForeignSourceOrTagIsRefused() {
    port(0).send(Frames.plain(PF + 2, PF + 3));
    port(0).send(Frames.plain(OUTSIDE, OUTSIDE));
    port(0).send(Frames.tagged(OUTSIDE, PF + 1, 7));
    port(2).send(Frames.tagged(OUTSIDE, PF + 3, 7));
    port(0).send(new byte[13]);
    assertReceived(0, 0, 0, 0, 0);
    assertThat(joint.refused()).isEqualTo(5);
  }

  @Test
  void whatAFunctionMayBeChangesWithTheNextFrame() {
    joint.configure(0, new VirtualPort(PF + 9, 7, Sources.ANY));
    port(0).send(Frames.plain(PF + 3, OUTSIDE));
    port(2).send(Frames.plain(PF + 9, PF + 3));
    assertReceived(0, 1, 0, 1, 0);
    assertThat(joint.settings(0).vlan()).isEqualTo(7);
    assertThatIllegalArgumentException().isThrownBy(() -> VirtualPort.of(0x0100_0000_0000L));
    assertThatIllegalArgumentException().isThrownBy(() -> new VirtualPort(PF, 4095, Sources.OWN));
  }
}
