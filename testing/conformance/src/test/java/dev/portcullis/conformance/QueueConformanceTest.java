package dev.portcullis.conformance;

import static dev.portcullis.conformance.Scenario.IOVA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Await;
import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.queue.InvalidationQueue;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The invalidation queue as long as all is well.
class QueueConformanceTest {
  private final TestMachine machine = TestMachine.withUnit();
  private final Registers registers = machine.registers();
  private final InvalidationQueue queue = machine.queue();
  private final long status = machine.page();

  private void awaitStatus(int index, int data) {
    Await.until("status", () -> machine.memory().readInt(status + 4L * index) == data);
  }

  @Test
  @Covers({"register GCMD.QIE", "register GSTS.QIES", "register IQH.QH"})
  void anEnabledEmptyQueueRests() {
    queue.enable();
    assertThat(registers.isOn(Command.QIE)).isTrue();
    assertThat(queue.head()).isZero();
    assertThat(queue.error()).isZero();
  }

  @Test
  @Covers({"register IQH.QH", "register IQT.QT", "descriptor 5h"})
  void theHeadFollowsTheTail() {
    queue.enable();
    for (int i = 1; i <= 5; i++) {
      queue.submit(Descriptor.contextGlobal(), Descriptor.plainWait());
      queue.awaitEmpty();
      assertThat(queue.head()).isEqualTo(32L * i);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  @Covers({"register IQA.QS", "register IQA.IQA"})
  void theQueueWrapsAtItsSize(int sizeCode) {
    InvalidationQueue sized = new InvalidationQueue(registers, machine.memory(), sizeCode);
    sized.enable();
    int entries = 1 << sizeCode + 8;
    for (int done = 0; done < entries - 2; done += 254) {
      Descriptor[] batch = new Descriptor[Math.min(254, entries - 2 - done)];
      Arrays.fill(batch, Descriptor.iotlbDomain(3));
      sized.submit(batch);
      sized.awaitEmpty();
    }
    assertThat(sized.head()).isEqualTo(16L * (entries - 2));
    sized.submit(
        Descriptor.waitStatus(status, 1),
        Descriptor.waitStatus(status + 4, 2),
        Descriptor.waitStatus(status + 8, 3));
    awaitStatus(2, 3);
    sized.awaitEmpty();
    assertThat(sized.head()).isEqualTo(16);
    assertThat(machine.memory().readInt(status)).isEqualTo(1);
    assertThat(machine.memory().readInt(status + 4)).isEqualTo(2);
  }

  @Test
  void aTailAtTheLastEntryIsInsideTheQueue() {
    queue.enable();
    Descriptor[] all = new Descriptor[255];
    Arrays.fill(all, Descriptor.contextGlobal());
    queue.submit(all);
    queue.awaitEmpty();
    assertThat(queue.head()).isEqualTo(4096 - 16);
    assertThat(queue.error()).isZero();
  }

  @Test
  @Covers("register IQT.QT")
  void nothingIsFetchedWhileTheQueueIsOff() {
    registers.write64(Offsets.IQA, queue.base());
    queue.put(0, Descriptor.waitStatus(status, 7));
    registers.write32(Offsets.IQT, 16);
    assertThat(machine.memory().readInt(status)).isZero();
    assertThat(queue.head()).isZero();
  }

  @Test
  void aTailLeftFromBeforeIsServedAsSoonAsTheQueueIsOn() {
    registers.write64(Offsets.IQA, queue.base());
    queue.put(0, Descriptor.waitStatus(status, 7));
    registers.write32(Offsets.IQT, 16);
    registers.enable(Command.QIE);
    awaitStatus(0, 7);
    Await.until("head", () -> queue.head() == 16);
  }

  @Test
  @Covers({"register IQH.QH", "register GSTS.QIES"})
  void turningTheQueueOffTakesTheHeadBackToTheStart() {
    queue.enable();
    queue.complete(Descriptor.contextGlobal());
    assertThat(queue.head()).isEqualTo(32);
    queue.disable();
    assertThat(queue.head()).isZero();
    queue.enable();
    queue.complete(Descriptor.iotlbGlobal());
    assertThat(queue.head()).isEqualTo(32);
  }

  @Test
  void theQueueWorksWhetherOrNotTranslationIsOn() {
    queue.enable();
    queue.complete(Descriptor.contextGlobal(), Descriptor.iotlbGlobal());
    registers.setRootTable(machine.rootTable());
    registers.enable(Command.TE);
    queue.complete(Descriptor.contextGlobal(), Descriptor.iotlbGlobal());
    registers.disable(Command.TE);
    queue.complete(Descriptor.contextGlobal(), Descriptor.iotlbGlobal());
    assertThat(queue.error()).isZero();
  }

  @Test
  @Covers({"descriptor 1h", "descriptor 2h", "descriptor 5h"})
  void everyDescriptorOfLegacyModeIsAccepted() {
    queue.enable();
    queue.complete(
        Descriptor.contextGlobal(),
        Descriptor.contextDomain(0xffff),
        Descriptor.contextDevice(0xffff, 0xffff, 3),
        Descriptor.iotlbGlobal(),
        Descriptor.iotlbDomain(0xffff),
        Descriptor.iotlbPages(0xffff, -4096, 18, Descriptor.Hint.LEAF_ONLY),
        Descriptor.iotlbPages(0, 0, 0, Descriptor.Hint.ANY_ENTRY),
        Descriptor.plainWait(),
        Descriptor.plainWait().with(6),
        Descriptor.waitInterrupt());
    assertThat(queue.error()).isZero();
  }

  @Test
  @Covers("descriptor 5h")
  void aWaitWritesItsDoublewordAndNothingBeside() {
    machine.memory().writeLong(status, -1);
    machine.memory().writeLong(status + 8, -1);
    queue.enable();
    queue.submit(Descriptor.waitStatus(status + 4, 0x1234_5678));
    awaitStatus(1, 0x1234_5678);
    assertThat(machine.memory().readInt(status)).isEqualTo(-1);
    assertThat(machine.memory().readInt(status + 8)).isEqualTo(-1);
  }

  @Test
  @Covers("descriptor 5h")
  void aWaitWithoutStatusWriteIgnoresItsDataAndAddress() {
    queue.enable();
    queue.submit(new Descriptor(5 | 77L << 32, status));
    queue.awaitEmpty();
    assertThat(machine.memory().readInt(status)).isZero();
    assertThat(queue.error()).isZero();
  }

  @Test
  @Covers("descriptor 5h")
  void aFenceIsAWaitLikeAnyOther() {
    queue.enable();
    queue.submit(Descriptor.waitStatus(status, 1).with(6), Descriptor.waitStatus(status, 2));
    awaitStatus(0, 2);
  }

  @Test
  void statusMayBeWrittenAboveFourGibibytes() {
    queue.enable();
    queue.submit(Descriptor.waitStatus(GuestMemory.FAR_BASE + 8, 5));
    Await.until("status", () -> machine.memory().readInt(GuestMemory.FAR_BASE + 8) == 5);
  }

  @Test
  void aStatusAddressWithoutMemoryIsDroppedAndTheQueueGoesOn() {
    queue.enable();
    queue.submit(Descriptor.waitStatus(GuestMemory.HOLE, 1), Descriptor.waitStatus(status, 2));
    awaitStatus(0, 2);
    assertThat(queue.error()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {46, 50, 63})
  void bitsOfAStatusAddressBeyondTheHostsWidthAreIgnored(int bit) {
    queue.enable();
    queue.submit(Descriptor.waitStatus(1L << bit | status, 9));
    awaitStatus(0, 9);
  }

  @Test
  void bitsOfADomainIdThatTheUnitDoesNotHaveAreIgnored() {
    TestMachine small = TestMachine.withUnit(builder -> builder.domainIdBits(8)).translating();
    long before = small.page();
    long after = small.page();
    TestDevice device = small.device("00:03.0").attach(small.domain(5, 4)).map(IOVA, before);
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(before));
    device.map(IOVA, after);
    small.queue().complete(Descriptor.iotlbDomain(0xab05));
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(after));
  }

  @Test
  void bitsOfAnAddressBeyondTheGuestsWidthAreIgnored() {
    machine.translating();
    long before = machine.page();
    long after = machine.page();
    TestDevice device = machine.device("00:03.0").map(IOVA, before);
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(before));
    device.map(IOVA, after);
    long beyond = 0xabcdL << 48;
    queue.complete(
        Descriptor.iotlbPages(device.domain().id(), beyond | IOVA, 0, Descriptor.Hint.ANY_ENTRY));
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(after));
  }

  @Test
  void aQueueInMemoryThatTheStatusWriteChangesIsReadWhenItIsReached() {
    queue.enable();
    // The first descriptor rewrites the low doubleword of the second: a wait with a status write.
    Descriptor second = Descriptor.waitStatus(status, 3);
    queue.put(16, new Descriptor(second.lo() & ~0xffff_ffffL, second.hi()));
    queue.put(0, Descriptor.waitStatus(queue.base() + 16, (int) second.lo()));
    registers.write32(Offsets.IQT, 32);
    awaitStatus(0, 3);
  }

  @Test
  void aStatusWrittenIntoTheTablesIsReadByTheNextRequestThatNeedsIt() {
    machine.translating();
    long page = machine.page();
    TestDevice device = machine.device("00:03.0").map(IOVA, page);
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(page));
    queue.submit(
        Descriptor.waitStatus(machine.rootTable(), 0),
        Descriptor.contextGlobal(),
        Descriptor.waitStatus(status, 1));
    awaitStatus(0, 1);
    assertThat(device.read(IOVA)).isEqualTo(Outcome.REFUSED);
    assertThat(machine.faults().take().getFirst().reason()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8})
  void theTailMayBeWrittenWithTheseManyBytes(int width) {
    queue.enable();
    queue.put(0, Descriptor.waitStatus(status, 7));
    registers.write(Offsets.IQT, width, 16);
    awaitStatus(0, 7);
  }
}
