package dev.portcullis.devices.net;

import static dev.portcullis.devices.net.NetDriver.ALL;
import static dev.portcullis.devices.net.NetDriver.PLAIN;
import static dev.portcullis.devices.net.NetDriver.headed;
import static dev.portcullis.devices.net.NetDriver.ring;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.devices.wire.Peer;
import dev.portcullis.net.packet.Checksum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The card and the peer at its cable, driven through its rings.
class VirtioNetTest {
  private static final long SEED = 20261123;
  private static final long MAC = 0x0270_6300_0002L;
  private static final int NEEDS_RESET = 0x40;
  private static final String US = "027063000002";
  private static final String PEER = "027063000001";
  private static final String ARP_REQUEST =
      "ffffffffffff"
          + US
          + "0806"
          + "0001080006040001"
          + US
          + "0a090002"
          + "000000000000"
          + "0a090001";

  private final NetDriver driver = new NetDriver(new VirtioNet(MAC, new Peer()));

  @AfterEach
  void close() {
    driver.close();
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  /// An IPv4 packet from us to the peer, its checksum in place.
  private static byte[] packet(int protocol, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(34 + payload.length);
    frame.put(bytes(PEER + US + "0800" + "4500"));
    frame.putShort((short) (20 + payload.length)).putInt(0).put((byte) 64).put((byte) protocol);
    frame.putShort((short) 0).putInt(0x0a09_0002).putInt(0x0a09_0001).put(payload);
    frame.putShort(24, (short) Checksum.finish(Checksum.add(0, frame.array(), 14, 20)));
    return frame.array();
  }

  private static byte[] ping(int dataBytes) {
    ByteBuffer message = ByteBuffer.allocate(8 + dataBytes);
    message.putShort(0, (short) 0x0800).putInt(4, 0x1234_0001);
    for (int i = 0; i < dataBytes; i++) {
      message.put(8 + i, (byte) i);
    }
    int checksum = Checksum.finish(Checksum.add(0, message.array(), 0, message.capacity()));
    return packet(1, message.putShort(2, (short) checksum).array());
  }

  private void assertPong(byte[] answer, int dataBytes) {
    assertThat(answer).hasSize(42 + dataBytes);
    assertThat(Arrays.copyOf(answer, 12)).isEqualTo(bytes(US + PEER));
    assertThat(answer[34]).isZero();
    assertThat(Checksum.finish(Checksum.add(0, answer, 14, 20))).isZero();
    assertThat(Checksum.finish(Checksum.add(0, answer, 34, answer.length - 34))).isZero();
    assertThat(Arrays.copyOfRange(answer, 38, answer.length))
        .isEqualTo(Arrays.copyOfRange(ping(dataBytes), 38, answer.length));
  }

  @Test
  void thereIsAgreementOnlyWithTranslatedAddressesAndWhatWasOffered() {
    assertThat(driver.agree(ALL).status()).isEqualTo(0x0b);
    assertThat(driver.agree(PLAIN).status()).isEqualTo(0x0b);
    assertThat(driver.agree(0x1_0000_0000L).status()).isEqualTo(0x03);
    assertThat(driver.agree(PLAIN | 1L << 7).status()).isEqualTo(0x03);
    driver.write(0, 4, 1);
    assertThat(driver.read(4, 4) << 32).isEqualTo(ALL & -1L << 32);
  }

  @Test
  void itsConfigurationHoldsTheAddressTheLinkAndTheMtu() {
    assertThat(driver.read(0x2000, 8)).isEqualTo(0x0001_0200_0063_7002L);
    assertThat(driver.read(0x200a, 2)).isEqualTo(1500);
  }

  @Test
  void registersAreReachedThroughConfigurationSpaceToo() {
    int at = driver.card.capabilities().getLast().at();
    driver.card.writeConfig(at + 8, 4, 0x200a);
    driver.card.writeConfig(at + 12, 4, 2);
    assertThat(driver.card.readConfig(at + 16, 2)).isEqualTo(1500);
    driver.card.writeConfig(at + 8, 4, 0x16);
    driver.card.writeConfig(at + 16, 4, 1);
    assertThat(driver.read(0x16, 2)).isEqualTo(1);
  }

  @Test
  void aQuestionForThePeersAddressIsAnsweredAndTold() {
    driver.start(ALL).offerBuffers(4, 2048);
    driver.send(headed(bytes(ARP_REQUEST)));
    assertThat(driver.receive())
        .isEqualTo(
            bytes(US + PEER + "0806" + "0001080006040002" + PEER + "0a090001" + US + "0a090002"));
    FakeHost.await("both queues told", () -> driver.host.messages().contains(0));
    assertThat(driver.card.statistics()).isEqualTo(new Statistics(1, 1, 0, 0, 0, 0));
  }

  @Test
  void pingsComeBackForLongerThanTheRing() {
    driver.start(PLAIN).offerBuffers(8, 2048);
    for (int i = 0; i < 100; i++) {
      driver.send(headed(ping(i)));
      assertPong(driver.receive(), i);
      driver.offerBuffers(1, 2048);
    }
  }

  @Test
  void aFrameLiesInAsManyBuffersAsItNeeds() {
    driver.start(ALL).offerBuffers(12, 128);
    driver.send(headed(ping(1200)));
    assertPong(driver.receive(), 1200);
    assertThat(driver.used(0)).isEqualTo(10);
  }

  @Test
  void aFrameWaitsForBuffersAndOneThatFitsNoneIsDropped() {
    driver.start(PLAIN);
    driver.send(headed(ping(10)));
    driver.offerBuffers(1, 2048);
    assertPong(driver.receive(), 10);
    driver.offerBuffers(1, 64);
    driver.send(headed(ping(1200)));
    FakeHost.await("dropped", () -> driver.card.statistics().dropped() == 1);
    assertThat(driver.used(0)).isEqualTo(1);
  }

  @Test
  void anEchoOfADatagramWhoseChecksumTheCardMakes() {
    driver.start(ALL).offerBuffers(2, 2048);
    byte[] frame = packet(17, bytes("30390007000d0000" + "68656c6c6f"));
    long pseudo = Checksum.add(17 + 13, frame, 26, 8);
    int partial = ~Checksum.finish(pseudo) & 0xffff;
    frame[40] = (byte) (partial >>> 8);
    frame[41] = (byte) partial;
    MemorySegment headed = headed(frame);
    headed.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    headed.set(NetDriver.SHORT, 6, (short) 34);
    headed.set(NetDriver.SHORT, 8, (short) 6);
    driver.send(headed);
    byte[] echo = driver.receive();
    assertThat(Arrays.copyOfRange(echo, 34, 40)).isEqualTo(bytes("00073039000d"));
    assertThat(Arrays.copyOfRange(echo, 42, 47)).isEqualTo(bytes("68656c6c6f"));
    assertThat(Checksum.finish(Checksum.add(Checksum.add(17 + 13, echo, 26, 8), echo, 34, 13)))
        .isZero();
  }

  @Test
  void whatIsDamagedIsNotAnswered() {
    driver.start(ALL).offerBuffers(2, 2048);
    byte[] damaged = ping(20);
    damaged[50] ^= 1;
    driver.send(headed(damaged));
    byte[] header = ping(20);
    header[22] ^= 1;
    driver.send(headed(header));
    driver.send(headed(ping(3)));
    assertPong(driver.receive(), 3);
  }

  @Test
  void indirectTablesAreFollowed() {
    driver.start(ALL).offerBuffers(1, 2048);
    MemorySegment headed = headed(ping(30));
    MemorySegment.copy(headed, 0, driver.host.ram(), 0x40000, headed.byteSize());
    driver.descriptor(0x50000, 0x40000, 12, 1 | 1 << 16);
    driver.descriptor(0x50010, 0x4000c, (int) headed.byteSize() - 12, 0);
    driver.descriptor(ring(1), 0x50000, 32, 4);
    driver.offer(1, 0);
    assertPong(driver.receive(), 30);
  }

  private void assertStopped(long blocked, long broken) {
    FakeHost.await("needs reset", () -> (driver.status() & NEEDS_RESET) != 0);
    FakeHost.await("driver told", () -> driver.host.messages().contains(2));
    assertThat(driver.card.statistics().blocked()).isEqualTo(blocked);
    assertThat(driver.card.statistics().broken()).isEqualTo(broken);
    driver.start(ALL).offerBuffers(1, 2048);
    driver.send(headed(ping(5)));
    assertPong(driver.receive(), 5);
  }

  @Test
  void aLoopOfDescriptorsStopsTheCardUntilItIsReset() {
    driver.start(ALL);
    driver.descriptor(ring(1), 0x40000, 64, 1);
    driver.offer(1, 0);
    assertStopped(0, 1);
  }

  @Test
  void aHeadOutsideTheTableStopsIt() {
    driver.start(ALL);
    driver.offer(1, NetDriver.SIZE);
    assertStopped(0, 1);
  }

  @Test
  void anIndirectTableInAnotherStopsIt() {
    driver.start(ALL);
    driver.descriptor(0x50000, 0x50000, 16, 4);
    driver.descriptor(ring(1), 0x50000, 16, 4);
    driver.offer(1, 0);
    assertStopped(0, 1);
  }

  @Test
  void moreChainsThanTheRingHoldsStopIt() {
    driver.start(ALL);
    driver.host.ram().set(NetDriver.SHORT, ring(1) + NetDriver.AVAILABLE + 2, (short) 17);
    driver.write(0x3004, 2, 1);
    assertStopped(0, 1);
  }

  @Test
  void aBlockedDmaStopsIt() {
    driver.start(ALL);
    driver.descriptor(ring(1), 1L << 40, 64, 0);
    driver.offer(1, 0);
    assertStopped(1, 0);
  }

  /// Rings and tables of random bytes, small numbers among them so that some make sense: whatever
  /// they say, the card comes to rest, and works after a reset.
  @Test
  void noRingsKeepItFromWorkingAfterAReset() {
    Random random = new Random(SEED);
    for (int round = 0; round < 300; round++) {
      driver.start(random.nextBoolean() ? ALL : PLAIN);
      for (int queue = 0; queue < 2; queue++) {
        for (int at = 0; at < 0x200; at += 8) {
          driver.descriptor(
              ring(queue) + 2L * at,
              random.nextInt(8) == 0 ? random.nextLong() : ring(random.nextInt(2)),
              random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(200),
              random.nextInt(8) | random.nextInt(NetDriver.SIZE + 1) << 16);
        }
        for (int i = 0; i < 1 + random.nextInt(NetDriver.SIZE); i++) {
          driver.offer(queue, random.nextInt(NetDriver.SIZE + 1));
        }
      }
      driver.start(ALL).offerBuffers(2, 2048);
      driver.send(headed(ping(round)));
      assertPong(driver.receive(), round);
    }
  }
}
