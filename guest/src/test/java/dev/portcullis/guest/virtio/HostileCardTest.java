package dev.portcullis.guest.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.guest.SampleFunction;
import dev.portcullis.guest.TestMachine;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciBus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A card that breaks the rules is reset or left alone; nothing else happens.
class HostileCardTest {
  private static final int AT = 8;
  private static final int RECEIVE = ScriptedCard.RECEIVE;
  private static final int SEND = ScriptedCard.SEND;
  private static final int HEADER_BYTES = 12;
  private static final int ENTRIES = 256;

  private final TestMachine machine = new TestMachine();
  private final PageAllocator memory = new PageAllocator(machine.ramBytes());
  private final long freeBytes = memory.freeBytes();
  private final List<byte[]> received = Collections.synchronizedList(new ArrayList<>());
  private final ScriptedCard card = new ScriptedCard();

  @AfterEach
  void close() {
    assertThat(memory.freeBytes()).isEqualTo(freeBytes);
    assertThat(machine.vectorsInUse()).isZero();
    machine.close();
    assertThat(machine.thrown()).isEmpty();
  }

  private NetworkDriver driver() throws VirtioException {
    if (machine.readConfig(AT, 0, 4) == 0xffff_ffffL) {
      machine.plug(AT, card);
    }
    NetworkDriver driver =
        new NetworkDriver(machine, memory, new PciBus(machine).scan().getFirst());
    driver.connect(received::add);
    return driver;
  }

  private static byte[] headed(int frameBytes) {
    byte[] bytes = new byte[HEADER_BYTES + frameBytes];
    for (int i = HEADER_BYTES; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  /// A frame still comes in, by entry `entry`.
  private void assertReceives(int entry) {
    int before = received.size();
    card.fill(entry, headed(60));
    card.giveBack(RECEIVE, entry, HEADER_BYTES + 60);
    card.tell(RECEIVE);
    TestMachine.await("a frame", () -> received.size() == before + 1);
    assertThat(received.getLast()).hasSize(60).startsWith(12, 13, 14);
  }

  @Test
  void onePlaysByTheRules() throws VirtioException {
    try (NetworkDriver driver = driver()) {
      assertThat(card.offered(RECEIVE)).isEqualTo(ENTRIES);
      for (int i = 0; i < 3 * ENTRIES; i++) {
        assertReceives(i % ENTRIES);
      }
      driver.send(new byte[60]);
      assertThat(card.offered(SEND)).isEqualTo(1);
      assertThat(card.buffer(SEND, 0)).isEqualTo(new byte[HEADER_BYTES + 60]);
      assertThat(driver.counts()).isEqualTo(new NetworkDriver.Counts(3 * ENTRIES, 1, 0, 0));
    }
  }

  @ParameterizedTest
  @CsvSource({"256", "300", "65535", "2147483647", "-1"})
  void anEntryThatIsNoneHasItReset(int entry) throws VirtioException {
    try (NetworkDriver driver = driver()) {
      card.giveBack(RECEIVE, entry, 100);
      card.tell(RECEIVE);
      TestMachine.await("reset", () -> driver.counts().resets() == 1);
      assertThat(card.begun()).isEqualTo(2);
      assertReceives(0);
      card.giveBack(SEND, entry, 0);
      driver.send(new byte[60]);
      assertThat(driver.counts().resets()).isEqualTo(2);
      assertThat(driver.counts().dropped()).isEqualTo(1);
      assertReceives(0);
    }
  }

  @Test
  void anEntryGivenBackTwiceHasItReset() throws VirtioException {
    try (NetworkDriver driver = driver()) {
      driver.send(new byte[60]);
      card.giveBack(SEND, 0, 0);
      driver.send(new byte[60]);
      card.giveBack(SEND, 0, 0);
      driver.send(new byte[60]);
      assertThat(driver.counts().resets()).isEqualTo(1);
      assertReceives(0);
    }
  }

  @Test
  void anEntryThatWasNotOfferedHasItReset() throws VirtioException {
    try (NetworkDriver driver = driver()) {
      card.giveBack(SEND, 7, 0);
      driver.send(new byte[60]);
      assertThat(driver.counts().resets()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {257, 1000, 32768, 65535})
  void anIndexTooFarAheadHasItReset(int index) throws VirtioException {
    try (NetworkDriver driver = driver()) {
      card.usedIndex(RECEIVE, index);
      card.tell(RECEIVE);
      TestMachine.await("reset", () -> driver.counts().resets() == 1);
      assertReceives(0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 12, 25, 2049, 4096, 1 << 30, -1})
  void aLengthThatNoFrameHasIsDroppedAndTheBufferOfferedAgain(int length) throws VirtioException {
    try (NetworkDriver driver = driver()) {
      card.giveBack(RECEIVE, 3, length);
      card.tell(RECEIVE);
      TestMachine.await("dropped", () -> driver.counts().dropped() == 1);
      assertThat(card.offered(RECEIVE)).isEqualTo(ENTRIES + 1);
      assertThat(received).isEmpty();
      assertReceives(3);
      assertThat(driver.counts().resets()).isZero();
    }
  }

  @Test
  void aCardThatTakesNothingHasFramesDropped() throws VirtioException {
    try (NetworkDriver driver = driver()) {
      for (int i = 0; i < 300; i++) {
        driver.send(new byte[60]);
      }
      assertThat(driver.counts()).isEqualTo(new NetworkDriver.Counts(0, ENTRIES, 44, 0));
      card.giveBack(SEND, 5, 0);
      driver.send(new byte[60]);
      assertThat(driver.counts().sent()).isEqualTo(ENTRIES + 1);
    }
  }

  @Test
  void theCardIsToldWhereItWantsToBe() throws VirtioException {
    try (NetworkDriver driver = driver()) {
      int before = card.notices();
      card.noticeAt(SEND, 2);
      driver.send(new byte[60]);
      driver.send(new byte[60]);
      assertThat(card.notices()).isEqualTo(before);
      driver.send(new byte[60]);
      assertThat(card.notices()).isEqualTo(before + 1);
      driver.send(new byte[60]);
      assertThat(card.notices()).isEqualTo(before + 1);
    }
  }

  @Test
  void theDriverSaysWhereItWantsToBeInterrupted() throws VirtioException {
    try (NetworkDriver driver = driver()) {
      assertThat(card.interruptAt(RECEIVE)).isZero();
      assertReceives(9);
      TestMachine.await("the next one", () -> card.interruptAt(RECEIVE) == 1);
      assertThat(card.interruptAt(SEND)).isEqualTo(0xffff);
      assertThat(driver.isWorking()).isTrue();
    }
  }

  @Test
  void withoutIndicesFlagsSayWhoWantsToBeTold() throws VirtioException {
    card.without(VirtioDevice.EVENT_IDX);
    try (NetworkDriver driver = driver()) {
      assertThat(card.driverFlags(RECEIVE)).isZero();
      assertThat(card.driverFlags(SEND)).isEqualTo(1);
      int before = card.notices();
      driver.send(new byte[60]);
      assertThat(card.notices()).isEqualTo(before + 1);
      card.wantNotices(SEND, false);
      driver.send(new byte[60]);
      assertThat(card.notices()).isEqualTo(before + 1);
      assertReceives(0);
    }
  }

  @Test
  void aCardWithoutAnAddressGetsOne() throws VirtioException {
    card.without(1L << 5);
    try (NetworkDriver driver = driver()) {
      assertThat(driver.mac()[0] & 3).isEqualTo(2);
    }
  }

  @Test
  void smallQueuesDo() throws VirtioException {
    card.lying(ScriptedCard.QUEUE_SIZE, 16);
    try (NetworkDriver driver = driver()) {
      assertThat(card.offered(RECEIVE)).isEqualTo(16);
      for (int i = 0; i < 20; i++) {
        driver.send(new byte[60]);
      }
      assertThat(driver.counts().sent()).isEqualTo(16);
    }
  }

  @Test
  void aCardThatAsksForResetsOverAndOverIsLeftAlone() throws VirtioException {
    try (NetworkDriver driver = driver()) {
      for (int i = 1; i <= 100; i++) {
        card.fail();
        int resets = i;
        TestMachine.await("reset " + i, () -> driver.counts().resets() == resets);
      }
      assertReceives(0);
      card.fail();
      TestMachine.await("giving up", () -> !driver.isWorking());
      assertThat(card.begun()).isEqualTo(101);
      assertThat(machine.readConfig(AT, 4, 2) & 4).isZero();
      driver.send(new byte[60]);
      assertThat(driver.counts().dropped()).isEqualTo(1);
    }
  }

  @Test
  void aCardThatDoesNotComeOutOfResetIsLeftAlone() throws VirtioException {
    try (NetworkDriver driver = driver()) {
      card.lying(ScriptedCard.STATUS, 0x4f);
      card.fail();
      TestMachine.await("giving up", () -> !driver.isWorking());
      card.honest();
      assertThat(card.begun()).isEqualTo(1);
    }
  }

  /// Registers, by their offset in the window, and what they claim.
  @ParameterizedTest
  @CsvSource({
    "0x04, 0, no version 1",
    "0x14, 0xff, no way out of reset",
    "0x14, 0, no agreement",
    "0x18, 0, no queue",
    "0x18, 3, no power of two",
    "0x1a, 0xffff, no vector",
    "0x1e, 0xffff, no doorbell",
    "0x2000, 1, an address of a group"
  })
  void nonsenseInRegistersIsRefused(int offset, long value, String what) {
    card.lying(offset, value);
    assertThatThrownBy(this::driver).as(what).isInstanceOf(VirtioException.class);
    assertThat(card.begun()).isZero();
    assertThat(machine.readConfig(AT, 4, 2) & 4).isZero();
  }

  /// Bytes of the capability of the structure of `type`: window, offset and length.
  @ParameterizedTest
  @CsvSource({
    "1, 4, 1, in no window",
    "1, 4, 9, in no window at all",
    "1, 10, 1, behind the end",
    "1, 15, 0xff, too long",
    "1, 12, 8, too short",
    "2, 12, 1, too short",
    "4, 10, 1, behind the end",
    "4, 12, 2, too short",
    "4, 3, 77, missing"
  })
  void structuresThatLieInNoWindowAreRefused(int type, int at, int value, String what) {
    machine.plug(AT, card);
    int structure =
        new PciBus(machine)
            .scan().getFirst().capabilities(9).stream()
                .filter(one -> card.readConfig(one + 3, 1) == type)
                .findFirst()
                .orElseThrow();
    card.config().put(structure + at, 1, value);
    assertThatThrownBy(this::driver).as(what).isInstanceOf(VirtioException.class);
  }

  @Test
  void whatIsNoCardAtAllIsRefused() {
    machine.plug(AT, new SampleFunction());
    assertThatThrownBy(this::driver).isInstanceOf(VirtioException.class);
  }
}
