package dev.portcullis.guest.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.net.VirtioNet;
import dev.portcullis.devices.wire.Cable;
import dev.portcullis.guest.TestMachine;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.guest.pci.PciDevice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two machines with a card each and a cable between them.
class NetworkDriverTest {
  private static final long SEED = 20261123;
  private static final int AT = 0x20;
  private static final int LONGEST_FRAME = 1518;
  private static final long ONE_MAC = 0x0270_6300_0001L;
  private static final long OTHER_MAC = 0x0270_6300_0002L;

  private final TestMachine one = new TestMachine();
  private final TestMachine other = new TestMachine();
  private final PageAllocator oneMemory = new PageAllocator(one.ramBytes());
  private final PageAllocator otherMemory = new PageAllocator(other.ramBytes());
  private final long freeBytes = oneMemory.freeBytes();
  private final List<byte[]> atOne = Collections.synchronizedList(new ArrayList<>());
  private final List<byte[]> atOther = Collections.synchronizedList(new ArrayList<>());
  private VirtioNet oneCard;
  private VirtioNet otherCard;
  private NetworkDriver oneDriver;
  private NetworkDriver otherDriver;

  @BeforeEach
  void plug() throws VirtioException {
    Cable cable = new Cable();
    oneCard = one.plug(AT, new VirtioNet(ONE_MAC, cable.one()));
    otherCard = other.plug(AT, new VirtioNet(OTHER_MAC, cable.other()));
    oneDriver = new NetworkDriver(one, oneMemory, new PciBus(one).scan().getFirst());
    otherDriver = new NetworkDriver(other, otherMemory, new PciBus(other).scan().getFirst());
    oneDriver.connect(atOne::add);
    otherDriver.connect(atOther::add);
  }

  @AfterEach
  void close() {
    oneDriver.close();
    otherDriver.close();
    assertThat(oneMemory.freeBytes()).isEqualTo(freeBytes);
    assertThat(otherMemory.freeBytes()).isEqualTo(freeBytes);
    assertThat(one.vectorsInUse() + other.vectorsInUse()).isZero();
    one.close();
    other.close();
    assertThat(one.thrown()).isEmpty();
    assertThat(other.thrown()).isEmpty();
  }

  private static byte[] frame(int bytes, long seed) {
    byte[] frame = new byte[bytes];
    new SplittableRandom(seed).nextBytes(frame);
    return frame;
  }

  private void exchange(int number) {
    byte[] there = frame(60 + number, SEED + number);
    byte[] back = frame(LONGEST_FRAME - number, SEED - number);
    int oneHad = atOne.size();
    int otherHad = atOther.size();
    oneDriver.send(there);
    TestMachine.await("frame " + number + " there", () -> atOther.size() > otherHad);
    otherDriver.send(back);
    TestMachine.await("frame " + number + " back", () -> atOne.size() > oneHad);
    assertThat(atOther.getLast()).isEqualTo(there);
    assertThat(atOne.getLast()).isEqualTo(back);
  }

  @Test
  void theCardTellsItsAddress() {
    assertThat(HexFormat.of().formatHex(oneDriver.mac())).isEqualTo("027063000001");
    assertThat(HexFormat.of().formatHex(otherDriver.mac())).isEqualTo("027063000002");
  }

  @Test
  void framesArriveAsTheyWereSentForLongerThanTheRings() {
    for (int i = 0; i < 700; i++) {
      exchange(i);
    }
    assertThat(oneDriver.counts()).isEqualTo(new NetworkDriver.Counts(700, 700, 0, 0));
  }

  @Test
  void framesOfNoLegalLengthAreNotSent() {
    oneDriver.send(new byte[0]);
    oneDriver.send(new byte[13]);
    oneDriver.send(new byte[3000]);
    exchange(1);
    assertThat(oneDriver.counts().dropped()).isEqualTo(3);
    assertThat(atOther).hasSize(1);
  }

  /// What the drivers and cards have not counted as dropped has arrived, in order.
  @Test
  void aStormBothWaysLosesNothingUncounted() throws InterruptedException {
    int frames = 50_000;
    Thread back = Thread.ofPlatform().start(() -> storm(otherDriver, frames));
    storm(oneDriver, frames);
    back.join();
    TestMachine.await("all frames", () -> isQuiet(oneDriver, otherDriver, otherCard, oneCard));
    TestMachine.await("all answers", () -> isQuiet(otherDriver, oneDriver, oneCard, otherCard));
    assertInOrder(atOther);
    assertInOrder(atOne);
    assertThat(oneDriver.counts().resets() + otherDriver.counts().resets()).isZero();
    exchange(1);
  }

  private static void storm(NetworkDriver driver, int frames) {
    ByteBuffer frame = ByteBuffer.allocate(LONGEST_FRAME);
    for (int i = 0; i < frames; i++) {
      frame.putInt(14, i).putInt(LONGEST_FRAME - 4, ~i);
      driver.send(frame.array());
    }
  }

  private static boolean isQuiet(
      NetworkDriver from, NetworkDriver to, VirtioNet toCard, VirtioNet fromCard) {
    return from.counts().sent() == fromCard.statistics().sent()
        && from.counts().sent() == to.counts().received() + toCard.statistics().dropped();
  }

  private static void assertInOrder(List<byte[]> frames) {
    int last = -1;
    for (byte[] bytes : frames) {
      ByteBuffer frame = ByteBuffer.wrap(bytes);
      int number = frame.getInt(14);
      assertThat(number > last).isTrue();
      assertThat(bytes.length == LONGEST_FRAME && frame.getInt(LONGEST_FRAME - 4) == ~number)
          .isTrue();
      last = number;
    }
    assertThat(frames).isNotEmpty();
  }

  @Test
  void aCardWhoseDmaWasRefusedIsBegunWithAnew() {
    for (int i = 1; i <= 5; i++) {
      AtomicBoolean once = new AtomicBoolean(true);
      one.refuse(page -> once.getAndSet(false));
      oneDriver.send(frame(100, i));
      int resets = i;
      TestMachine.await("reset", () -> oneDriver.counts().resets() == resets);
      exchange(i);
    }
    assertThat(oneDriver.isWorking()).isTrue();
    assertThat(otherDriver.counts().resets()).isZero();
  }

  @Test
  void aCardThatIsRefusedAllIsLeftAlone() {
    one.refuse(page -> true);
    TestMachine.await(
        "giving up",
        () -> {
          oneDriver.send(frame(100, 1));
          return !oneDriver.isWorking();
        });
    assertThat(one.readConfig(AT, 4, 2) & 4).isZero();
    one.refuse(page -> false);
    otherDriver.send(frame(100, 2));
    assertThat(atOne).isEmpty();
  }

  @Test
  void aCardPulledOutDropsFramesAndHurtsNobody() {
    exchange(1);
    one.unplug(AT);
    for (int i = 0; i < 1000; i++) {
      oneDriver.send(frame(100, i));
    }
    assertThat(oneDriver.isWorking()).isFalse();
    assertThat(oneDriver.counts().dropped()).isPositive();
  }

  @Test
  void closedDriversDropFrames() {
    oneDriver.close();
    oneDriver.send(frame(100, 1));
    assertThat(oneDriver.counts().dropped()).isEqualTo(1);
    assertThat(oneMemory.freeBytes()).isEqualTo(freeBytes);
  }

  @Test
  void anotherDriverTakesTheCardAfterTheFirstHasClosed() throws VirtioException {
    exchange(1);
    oneDriver.close();
    PciDevice device = new PciBus(one).scan().getFirst();
    oneDriver = new NetworkDriver(one, oneMemory, device);
    oneDriver.connect(atOne::add);
    exchange(2);
  }

  @Test
  void withoutMemoryThereIsNoDriverAndNothingIsTaken() {
    PageAllocator little = new PageAllocator((1 << 20) + 100 * 4096);
    oneDriver.close();
    PciDevice device = new PciBus(one).scan().getFirst();
    assertThatThrownBy(() -> new NetworkDriver(one, little, device))
        .isInstanceOf(VirtioException.class);
    assertThat(little.freeBytes()).isEqualTo(100 * 4096);
    assertThat(one.vectorsInUse()).isZero();
  }

  @Test
  void whatAReceiverSendsGoesOut() {
    otherDriver.connect(otherDriver::send);
    byte[] echo = frame(200, SEED);
    oneDriver.send(echo);
    TestMachine.await("echo", () -> atOne.size() == 1);
    assertThat(Arrays.equals(atOne.getFirst(), echo)).isTrue();
  }
}
