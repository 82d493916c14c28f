package dev.portcullis.devices.pio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.net.Link;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PioNicTest {
  private static final long SEED = 20261123;
  private static final int FRAMES_THAT_FIT = 41;

  private final FakeHost host = new FakeHost(4096);
  private final Wire wire = new Wire();
  private final PioNic card = host.plug(new PioNic(0x0270_6300_0002L, wire));

  @BeforeEach
  void letItInterrupt() {
    card.writeConfig(card.capabilities().getFirst().at() + 2, 2, 0x8000);
    card.writeBar(0, 0x1000 + 8, 4, 7);
    card.writeBar(0, 0x1000 + 12, 4, 0);
  }

  private void write(int register, int widthBytes, int value) {
    card.writeBar(0, register, widthBytes, value);
  }

  private int read(int register, int widthBytes) {
    return (int) card.readBar(0, register, widthBytes);
  }

  private static byte[] frame(int number, int bytes) {
    byte[] frame = new byte[bytes];
    new Random(SEED + number).nextBytes(frame);
    return frame;
  }

  private byte[] takeFrame() {
    write(PioNic.ADDRESS, 2, read(PioNic.BOUNDARY, 1) * PioNic.PAGE_BYTES);
    int next = read(PioNic.DATA, 2);
    byte[] frame = new byte[read(PioNic.DATA, 2)];
    for (int at = 0; at < frame.length; at += 2) {
      int word = read(PioNic.DATA, 2);
      frame[at] = (byte) word;
      frame[at + 1] = (byte) (word >>> 8);
    }
    write(PioNic.BOUNDARY, 1, next);
    return frame;
  }

  @Test
  void framesThatFindNoRoomAreLostAndTheOthersKept() {
    write(PioNic.COMMAND, 1, PioNic.RECEIVE);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 100; i++) {
        wire.receiver.accept(frame(i, 1514));
      }
      assertThat(read(PioNic.CAUSE, 1)).isEqualTo(PioNic.CAME | PioNic.LOST);
      write(PioNic.CAUSE, 1, PioNic.CAME | PioNic.LOST);
      for (int i = 0; i < FRAMES_THAT_FIT; i++) {
        assertThat(takeFrame()).as("frame %d of round %d", i, round).isEqualTo(frame(i, 1514));
      }
      assertThat(read(PioNic.CURRENT, 1)).isEqualTo(read(PioNic.BOUNDARY, 1));
    }
    assertThat(host.messages()).hasSize(6).containsOnly(7);
  }

  @Test
  void nothingComesWhileNobodyListens() {
    wire.receiver.accept(frame(0, 100));
    write(PioNic.COMMAND, 1, PioNic.RECEIVE);
    write(PioNic.COMMAND, 1, PioNic.STOP);
    wire.receiver.accept(frame(0, 100));

    assertThat(read(PioNic.CAUSE, 1)).isZero();
    assertThat(read(PioNic.CURRENT, 1)).isEqualTo(PioNic.FIRST_PAGE);
  }

  @Test
  void anyAccessIsAnswered() {
    Random random = new Random(SEED);
    int[] widths = {1, 2, 4, 8};
    write(PioNic.COMMAND, 1, PioNic.RECEIVE);
    for (int i = 0; i < 200_000; i++) {
      int offset = random.nextInt(i % 4 == 0 ? 0x2000 : 0x20);
      int width = widths[random.nextInt(4)];
      if (random.nextBoolean()) {
        card.writeBar(0, offset & -width, width, random.nextLong());
      } else {
        card.readBar(0, offset & -width, width);
      }
      if (i % 8 == 0) {
        wire.receiver.accept(frame(i, random.nextInt(1600)));
      }
    }
    card.reset();

    assertThat(read(PioNic.CURRENT, 1)).isEqualTo(PioNic.FIRST_PAGE);
    assertThat(wire.sent).allMatch(frame -> frame.length >= 14 && frame.length <= 1518);
  }

  @Test
  void whatIsInFrontOfTheRingIsSent() {
    byte[] frame = frame(1, 60);
    for (int at = 0; at < frame.length; at += 2) {
      write(PioNic.DATA, 2, frame[at] & 0xff | frame[at + 1] << 8);
    }
    write(PioNic.LENGTH, 2, 60);
    write(PioNic.COMMAND, 1, PioNic.SEND);

    assertThat(wire.sent).hasSize(1);
    assertThat(Arrays.equals(wire.sent.getFirst(), frame)).isTrue();
  }

  private static final class Wire implements Link {
    private final List<byte[]> sent = new ArrayList<>();
    private Consumer<byte[]> receiver;

    @Override
    public void connect(Consumer<byte[]> to) {
      receiver = to;
    }

    @Override
    public void send(byte[] frame) {
      sent.add(frame);
    }
  }
}
