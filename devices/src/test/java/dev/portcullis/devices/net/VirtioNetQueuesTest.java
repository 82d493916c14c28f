package dev.portcullis.devices.net;

import static dev.portcullis.devices.net.NetDriver.headed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.devices.queue.QueueLoad;
import dev.portcullis.net.packet.Checksum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Several pairs of queues, the queue of commands, and the work a card takes off its driver.
class VirtioNetQueuesTest {
  private static final long US = 0x0270_6300_0002L;
  private static final long THEM = 0x0270_6300_0001L;
  private static final long BASE = NetDriver.PLAIN | 1 << 17 | 1 << 18 | 1 << 19 | 1 << 23;
  private static final long SEVERAL = BASE | 1 << 22;
  private static final long GUEST_CHECKSUM = 1 << 1;
  private static final long SEGMENTS = 1 | 1 << 11;
  private static final int PAIRS = 4;

  /// Where the commands are with four pairs in use, and with one.
  private static final int COMMANDS = 8;

  private static final int COMMANDS_OF_ONE = 2;

  private final ScriptedWire wire = new ScriptedWire();
  private final NetDriver driver = new NetDriver(new VirtioNet(US, PAIRS, wire));

  @AfterEach
  void close() {
    driver.close();
  }

  private int command(int queue, String hex) {
    return driver.command(queue, HexFormat.of().parseHex(hex));
  }

  private void awaitUsed(int queue, int count) {
    FakeHost.await("frames in queue " + queue, () -> driver.used(queue) == count);
  }

  /// Frames that were sent before this one have been judged when it has arrived.
  private void assertArrives(byte[] frame, int index) {
    driver.offerBuffer(0, index);
    wire.deliver(frame);
    awaitUsed(0, index + 1);
  }

  @Test
  void itSaysHowManyPairsItHas() {
    assertThat(driver.read(0x2008, 2)).isEqualTo(PAIRS);
    assertThat(driver.read(0x12, 2)).isEqualTo(2 * PAIRS + 1);
    assertThat(driver.agree(SEVERAL).status()).isEqualTo(0x0b);
  }

  @Test
  void pairsThatAreOfferedChangeWithAFunctionLevelResetAndNotBefore() {
    driver.card.offerAfterReset(2);
    assertThat(driver.read(0x2008, 2)).isEqualTo(PAIRS);
    driver.card.writeBar(0, 0x14, 1, 0);
    assertThat(driver.read(0x2008, 2)).isEqualTo(PAIRS);

    driver.card.reset();
    driver.card.writeConfig(4, 2, 6);

    assertThat(driver.read(0x2008, 2)).isEqualTo(2);
    driver.start(SEVERAL, 5);
    assertThat(command(4, "04000200")).isZero();
    assertThat(command(4, "04000300")).as("more than there are").isEqualTo(1);
    assertThatThrownBy(() -> driver.card.offerAfterReset(PAIRS + 1))
        .hasMessage("5 of 4 pairs of queues");
  }

  @Test
  void whatEachPairHasDoneIsCounted() {
    driver.start(SEVERAL, COMMANDS + 1);
    byte[] frame = Frames.tcp(0x1111_2222, 0x10, 10);
    driver.send(3, headed(frame));
    driver.offerBuffer(0, 0);
    wire.deliver(Frames.tcp(0x3333_1111, 0x10, 10));
    awaitUsed(0, 1);

    FakeHost.await("count", () -> driver.card.loads().get(0).requests() == 1);
    FakeHost.await("count", () -> driver.card.loads().get(1).requests() == 1);
    assertThat(driver.card.loads().get(1)).isEqualTo(new QueueLoad(1, 0, 1, frame.length));
    assertThat(driver.card.loads().subList(2, PAIRS)).containsOnly(QueueLoad.NONE);
  }

  @Test
  void aConversationComesInWhereTheDriverSendsIt() {
    driver.start(SEVERAL, COMMANDS + 1);
    byte[] out = Frames.tcp(0x1111_2222, 0x10, 10);
    byte[] back = Frames.tcp(0x2222_1111, 0x10, 10);
    for (int pair = 0; pair < PAIRS; pair++) {
      driver.offerBuffer(2 * pair, 0);
    }
    driver.send(5, headed(out));
    wire.deliver(back);
    awaitUsed(0, 1);
    assertThat(command(COMMANDS, "04000400")).isZero();
    for (int pair = 3; pair >= 1; pair--) {
      driver.send(2 * pair + 1, headed(out));
      wire.deliver(back);
      awaitUsed(2 * pair, 1);
      int queue = 2 * pair;
      FakeHost.await("its vector", () -> driver.host.messages().contains(queue));
    }
    assertThat(wire.sent()).hasSize(4);
  }

  @Test
  void aQueueThatWasTurnedOffGetsNothingMore() {
    driver.start(SEVERAL, COMMANDS + 1);
    driver.offerBuffer(0, 0);
    driver.offerBuffer(2, 0);
    assertThat(command(COMMANDS, "04000200")).isZero();
    driver.send(3, headed(Frames.tcp(7, 0x10, 1)));
    assertThat(command(COMMANDS, "04000100")).isZero();
    wire.deliver(Frames.tcp(7, 0x10, 1));
    awaitUsed(0, 1);
    assertThat(driver.used(2)).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "04",
        "0400",
        "040000",
        "04000000",
        "04000500",
        "0400ffff",
        "0400010000",
        "04010100",
        "0000",
        "00000100",
        "000201",
        "0100",
        "010001000000",
        "0100ffffffff00000000",
        "0100000000000000000000",
        "01010270630000",
        "0101000000000000",
        "0101010000000001",
        "020000",
        "02000010",
        "02020100",
        "030000",
        "050000",
        "ff00"
      })
  void aCommandThatMakesNoSenseIsRefused(String command) {
    driver.start(SEVERAL, COMMANDS + 1);
    assertThat(command(COMMANDS, command)).isEqualTo(1);
    assertThat(command(COMMANDS, "04000400")).isZero();
  }

  @Test
  void commandsNobodyAgreedToAreRefused() {
    driver.start(NetDriver.PLAIN | 1 << 17, COMMANDS_OF_ONE + 1);
    for (String command : List.of("000000", "010000000000" + "00000000", "02000100", "04000100")) {
      assertThat(command(COMMANDS_OF_ONE, command)).isEqualTo(1);
    }
    assertThat(command(COMMANDS_OF_ONE, "0101" + "027063000009")).isEqualTo(1);
  }

  @Test
  void onlyWhatTheDriverListensToComesIn() {
    driver.start(BASE, COMMANDS_OF_ONE + 1);
    assertArrives(Frames.plain(0x0200_0000_0001L, THEM), 0);
    assertThat(command(COMMANDS_OF_ONE, "000000")).as("not promiscuous").isZero();
    wire.deliver(Frames.plain(0x0200_0000_0001L, THEM));
    wire.deliver(Frames.plain(0x0100_5e00_0001L, THEM));
    wire.deliver(new byte[13]);
    assertArrives(Frames.plain(US, THEM), 1);
    assertArrives(Frames.plain(0xffff_ffff_ffffL, THEM), 2);
    assertThat(driver.card.statistics().filtered()).isEqualTo(3);
    String lists = "0100" + "01000000" + "020000000001" + "01000000" + "01005e000001";
    assertThat(command(COMMANDS_OF_ONE, lists)).isZero();
    assertArrives(Frames.plain(0x0200_0000_0001L, THEM), 3);
    assertArrives(Frames.plain(0x0100_5e00_0001L, THEM), 4);
    wire.deliver(Frames.plain(0x0100_5e00_0002L, THEM));
    assertThat(command(COMMANDS_OF_ONE, "000101")).as("all groups").isZero();
    assertArrives(Frames.plain(0x0100_5e00_0002L, THEM), 5);
    assertThat(driver.card.statistics().filtered()).isEqualTo(4);
  }

  @Test
  void aNewAddressOfItsOwnIsListenedToAndShownUntilTheReset() {
    driver.start(BASE, COMMANDS_OF_ONE + 1);
    assertThat(command(COMMANDS_OF_ONE, "000000")).isZero();
    assertThat(command(COMMANDS_OF_ONE, "0101" + "027063000009")).isZero();
    assertThat(driver.read(0x2005, 1)).isEqualTo(9);
    wire.deliver(Frames.plain(US, THEM));
    assertArrives(Frames.plain(0x0270_6300_0009L, THEM), 0);
    driver.start(BASE, COMMANDS_OF_ONE + 1);
    assertThat(driver.read(0x2005, 1)).isEqualTo(2);
    assertArrives(Frames.plain(0x0200_0000_0001L, THEM), 0);
  }

  @Test
  void onlyTheVirtualLansOfTheDriverComeIn() {
    driver.start(BASE, COMMANDS_OF_ONE + 1);
    assertThat(command(COMMANDS_OF_ONE, "000000")).isZero();
    assertThat(command(COMMANDS_OF_ONE, "02000700")).isZero();
    wire.deliver(Frames.tagged(US, THEM, 8));
    assertArrives(Frames.tagged(US, THEM, 7), 0);
    assertArrives(Frames.plain(US, THEM), 1);
    assertThat(command(COMMANDS_OF_ONE, "02010700")).isZero();
    wire.deliver(Frames.tagged(US, THEM, 7));
    assertArrives(Frames.plain(US, THEM), 2);
    assertThat(driver.card.statistics().filtered()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 6, 8})
  void aLoopInAnyQueueStopsAllOfThem(int queue) {
    driver.start(SEVERAL, COMMANDS + 1);
    assertThat(command(COMMANDS, "04000400")).isZero();
    driver.descriptor(NetDriver.ring(queue), 0x40000, 64, 1);
    if (queue == 6) {
      driver.send(7, headed(Frames.tcp(5, 0, 0)));
      driver.offer(queue, 0);
      wire.deliver(Frames.tcp(5, 0, 0));
    } else {
      driver.host.ram().set(NetDriver.SHORT, NetDriver.ring(queue) + 0x1002, (short) 17);
      driver.write(0x3000 + 4 * queue, 2, queue);
    }
    FakeHost.await("needs reset", () -> (driver.status() & 0x40) != 0);
    FakeHost.await("driver told", () -> driver.host.messages().contains(COMMANDS + 1));
    assertThat(driver.card.statistics().broken()).isEqualTo(1);
    driver.start(SEVERAL, COMMANDS + 1);
    assertThat(driver.status()).isEqualTo(0x0f);
    assertArrives(Frames.plain(US, THEM), 0);
  }

  @Test
  void aCommandWithoutRoomForAnAnswerStopsTheCard() {
    driver.start(BASE, COMMANDS_OF_ONE + 1);
    driver.descriptor(NetDriver.ring(COMMANDS_OF_ONE), 0x80000, 3, 0);
    driver.offer(COMMANDS_OF_ONE, 0);
    FakeHost.await("needs reset", () -> (driver.status() & 0x40) != 0);
    assertThat(driver.card.statistics().broken()).isEqualTo(1);
  }

  @Test
  void theDriverIsToldWhichChecksumsWereFoundRight() {
    driver.start(BASE | GUEST_CHECKSUM, COMMANDS_OF_ONE + 1);
    byte[] damaged = Frames.tcp(1, 0x10, 100);
    damaged[100] ^= 4;
    assertArrives(Frames.tcp(1, 0x10, 100), 0);
    assertArrives(damaged, 1);
    assertArrives(Frames.plain(US, THEM), 2);
    assertThat(List.of(driver.flags(0), driver.flags(1), driver.flags(2))).containsExactly(2, 0, 0);
    driver.start(BASE, COMMANDS_OF_ONE + 1);
    assertArrives(Frames.tcp(1, 0x10, 100), 0);
    assertThat(driver.flags(0)).isZero();
  }

  private static MemorySegment toCut(byte[] frame, int segmentBytes) {
    MemorySegment headed = headed(frame);
    headed.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    headed.set(ValueLayout.JAVA_BYTE, 1, (byte) 1);
    headed.set(NetDriver.SHORT, 4, (short) segmentBytes);
    return headed;
  }

  @Test
  void dataIsCutIntoSegmentsWithChecksumsOfTheirOwn() {
    driver.start(NetDriver.PLAIN | SEGMENTS);
    byte[] whole = Frames.tcp(0x1111_2222, 0x99, 1700);
    driver.send(1, toCut(whole, 700));
    FakeHost.await("three segments", () -> wire.sent().size() == 3);
    int at = 0;
    for (int i = 0; i < 3; i++) {
      byte[] segment = wire.sent().get(i);
      int dataBytes = i == 2 ? 300 : 700;
      ByteBuffer in = ByteBuffer.wrap(segment);
      assertThat(segment).hasSize(54 + dataBytes);
      assertThat(in.getShort(16)).isEqualTo((short) (40 + dataBytes));
      assertThat(in.getShort(18)).isEqualTo((short) (0x7ffe + i));
      assertThat(in.getInt(38)).isEqualTo(0xffff_fff0 + at);
      assertThat(in.get(47) & 0xff).isEqualTo(List.of(0x90, 0x10, 0x19).get(i));
      assertThat(Checksum.finish(Checksum.add(0, segment, 14, 20))).isZero();
      assertThat(Checksum.finish(Frames.tcpSum(segment))).isZero();
      assertThat(Arrays.copyOfRange(segment, 54, segment.length))
          .isEqualTo(Arrays.copyOfRange(whole, 54 + at, 54 + at + dataBytes));
      at += dataBytes;
    }
  }

  @Test
  void whatCannotBeCutIsDropped() {
    driver.start(NetDriver.PLAIN | SEGMENTS);
    driver.send(1, toCut(Frames.tcp(1, 0x10, 1000), 0));
    driver.send(1, toCut(Frames.tcp(1, 0x10, 1900), 1600));
    driver.send(1, toCut(Frames.plain(THEM, US), 100));
    MemorySegment unknown = toCut(Frames.tcp(1, 0x10, 1000), 100);
    unknown.set(ValueLayout.JAVA_BYTE, 1, (byte) 3);
    driver.send(1, unknown);
    driver.start(NetDriver.PLAIN | 1);
    driver.send(1, toCut(Frames.tcp(1, 0x10, 1000), 100));
    assertThat(driver.card.statistics().dropped()).isEqualTo(5);
    assertThat(wire.sent()).isEmpty();
  }
}
