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
import dev.portcullis.spec.register.Feature;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What stops the invalidation queue, how that shows, and how it goes on.
class QueueErrorConformanceTest {
  private static final long WIDE = 1 << 11;

  private final TestMachine machine = TestMachine.withUnit();
  private final Registers registers = machine.registers();
  private final InvalidationQueue queue = machine.queue();
  private final long status = machine.page();

  private int errorOf(Descriptor descriptor) {
    queue.enable();
    queue.submit(Descriptor.contextGlobal(), descriptor, Descriptor.waitStatus(status, 1));
    int error = queue.awaitError();
    assertThat(queue.head()).as("head stays on the bad descriptor").isEqualTo(16);
    assertThat(machine.memory().readInt(status)).as("nothing after it is done").isZero();
    return error;
  }

  @ParameterizedTest
  @ValueSource(longs = {0x1000, 0x1010, 0x2000, 0x4_0000, 0x7_fff0})
  @Covers("queue error 1")
  void aTailBeyondTheQueueIsError1(long tail) {
    queue.enable();
    registers.write32(Offsets.IQT, tail);
    assertThat(queue.awaitError()).isEqualTo(1);
    assertThat(queue.head()).isZero();
  }

  @Test
  @Covers("queue error 2")
  void aQueueWithoutMemoryIsError2() {
    registers.write64(Offsets.IQA, GuestMemory.HOLE);
    registers.enable(Command.QIE);
    registers.write32(Offsets.IQT, 16);
    assertThat(queue.awaitError()).isEqualTo(2);
    assertThat(queue.head()).isZero();
  }

  @Test
  @Covers("queue error 2")
  void aQueueThatRunsOutOfMemoryIsError2AtTheFirstMissingDescriptor() {
    registers.write64(Offsets.IQA, (GuestMemory.LOW_BYTES - 4096) | 1);
    long last = GuestMemory.LOW_BYTES - 4096;
    for (int i = 0; i < 256; i++) {
      machine.memory().writeLong(last + 16L * i, Descriptor.contextGlobal().lo());
    }
    registers.enable(Command.QIE);
    registers.write32(Offsets.IQT, 4096 + 32);
    assertThat(queue.awaitError()).isEqualTo(2);
    assertThat(queue.head()).isEqualTo(4096);
  }

  @Test
  @Covers("queue error 2")
  void aQueueAtTheEndOfAllAddressesDoesNotGoOnAtZero() {
    InvalidationQueue ring = new InvalidationQueue(registers, machine.memory(), 1).enable();
    Descriptor[] page = new Descriptor[256];
    Arrays.fill(page, Descriptor.contextGlobal());
    ring.submit(page);
    assertThat(ring.head()).isEqualTo(4096);
    machine.memory().writeLong(0, Descriptor.contextGlobal().lo());
    registers.write64(Offsets.IQA, -4096L | 1);
    registers.write32(Offsets.IQT, 4096 + 16);
    assertThat(ring.awaitError()).isEqualTo(2);
    assertThat(ring.head()).isEqualTo(4096);
  }

  /// Types that a legacy unit without device-TLBs and interrupt remapping does not have.
  static IntStream unknownTypes() {
    return IntStream.range(0, 128).filter(type -> type != 1 && type != 2 && type != 5);
  }

  @ParameterizedTest
  @MethodSource("unknownTypes")
  @Covers("queue error 3")
  void anUnknownTypeIsError3(int type) {
    long word = type & 15 | (long) (type >> 4) << 9;
    assertThat(errorOf(new Descriptor(word, 0))).isEqualTo(3);
  }

  /// A valid descriptor and the masks of its reserved bits.
  static Stream<Arguments> reservedBits() {
    return Stream.of(
            masked(Descriptor.contextGlobal(), 0xfffc_0000_0000_f1c0L, -1),
            masked(Descriptor.iotlbGlobal(), 0xffff_ffff_0000_f100L, 0xf80),
            masked(Descriptor.plainWait(), 0xffff_f180L, 3))
        .flatMap(part -> part);
  }

  private static Stream<Arguments> masked(Descriptor valid, long lo, long hi) {
    return IntStream.range(0, 128)
        .filter(bit -> ((bit < 64 ? lo : hi) >>> (bit & 63) & 1) != 0)
        .mapToObj(bit -> Arguments.of(valid, bit));
  }

  @ParameterizedTest(name = "{0}, bit {1}")
  @MethodSource("reservedBits")
  @Covers("queue error 4")
  void aReservedBitOfADescriptorIsError4(Descriptor valid, int bit) {
    assertThat(errorOf(valid.with(bit))).isEqualTo(4);
  }

  @Test
  @Covers("queue error 4")
  void aContextInvalidationWithoutGranularityIsError4() {
    assertThat(errorOf(new Descriptor(1, 0))).isEqualTo(4);
  }

  @Test
  @Covers("queue error 4")
  void anIotlbInvalidationWithoutGranularityIsError4() {
    assertThat(errorOf(new Descriptor(2, 0))).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(ints = {19, 32, 63})
  @Covers({"queue error 4", "register CAP.MAMV"})
  void morePagesThanTheUnitAllowsAreError4(int addressMask) {
    Descriptor pages = Descriptor.iotlbPages(1, 0, addressMask, Descriptor.Hint.ANY_ENTRY);
    assertThat(errorOf(pages)).isEqualTo(4);
  }

  @Test
  @Covers({"queue error 4", "register CAP.PSI"})
  void pagesAreError4WhereTheUnitCannotSelectThem() {
    TestMachine coarse =
        TestMachine.withUnit(builder -> builder.without(Feature.PAGE_SELECTIVE_INVALIDATION));
    coarse.queue().enable();
    coarse.queue().submit(Descriptor.iotlbPages(1, 0, 0, Descriptor.Hint.ANY_ENTRY));
    assertThat(coarse.queue().awaitError()).isEqualTo(4);
  }

  @Test
  @Covers({"queue error 5", "register IQA.DW"})
  void aQueueOf256BitDescriptorsIsError5InAUnitWithoutScalableMode() {
    registers.write64(Offsets.IQA, queue.base() | WIDE);
    registers.enable(Command.QIE);
    assertThat(queue.error()).as("an empty queue has no error").isZero();
    registers.write32(Offsets.IQT, 32);
    assertThat(queue.awaitError()).isEqualTo(5);
  }

  @Test
  @Covers("queue error 6")
  void anUnalignedTailOfAQueueOf256BitDescriptorsIsError6() {
    registers.write64(Offsets.IQA, queue.base() | WIDE);
    registers.enable(Command.QIE);
    registers.write32(Offsets.IQT, 48);
    assertThat(queue.awaitError()).isEqualTo(6);
    assertThat(registers.read64(Offsets.IQT)).isEqualTo(32);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  @Covers({"queue error 7", "register RTADDR.TTM"})
  void anUnknownTranslationTableModeIsError7(int mode) {
    registers.setRootTable(machine.rootTable() | (long) mode << 10);
    queue.enable();
    queue.submit(Descriptor.contextGlobal());
    assertThat(queue.awaitError()).isEqualTo(7);
    assertThat(queue.head()).isZero();
  }

  @Test
  void theTailIsCheckedBeforeTheModeAndTheModeBeforeTheDescriptor() {
    registers.setRootTable(machine.rootTable() | 2 << 10);
    registers.write64(Offsets.IQA, GuestMemory.HOLE);
    registers.enable(Command.QIE);
    registers.write32(Offsets.IQT, 16);
    assertThat(queue.awaitError()).isEqualTo(7);
    registers.write32(Offsets.IQT, 0x1000);
    queue.restart();
    assertThat(queue.awaitError()).isEqualTo(1);
  }

  @Test
  void theTypeIsCheckedBeforeReservedBits() {
    assertThat(errorOf(new Descriptor(0xf | 0xf000, -1))).isEqualTo(3);
  }

  @Test
  @Covers({"register FSTS.IQE", "register IQERCD.IQEI"})
  void anErrorShowsInTheFaultStatusUntilSoftwareClearsIt() {
    assertThat(errorOf(new Descriptor(0, 0))).isEqualTo(3);
    assertThat(registers.read32(Offsets.FSTS)).isEqualTo(1 << 4);
    assertThat(registers.read64(Offsets.IQERCD)).isEqualTo(3);
    registers.write32(Offsets.FSTS, 0);
    assertThat(queue.error()).isEqualTo(3);
    queue.put(16, Descriptor.contextGlobal());
    queue.restart();
    Await.until("status", () -> machine.memory().readInt(status) == 1);
    assertThat(registers.read32(Offsets.FSTS)).isZero();
  }

  @Test
  @Covers("register FSTS.IQE")
  void aStoppedQueueIgnoresTheTail() {
    errorOf(new Descriptor(0, 0));
    queue.put(16, Descriptor.contextGlobal());
    queue.submit(Descriptor.plainWait());
    assertThat(queue.head()).isEqualTo(16);
    assertThat(machine.memory().readInt(status)).isZero();
    queue.restart();
    queue.awaitEmpty();
    assertThat(machine.memory().readInt(status)).isEqualTo(1);
  }

  @Test
  void aStoppedQueueStopsAgainWhereNothingWasMended() {
    errorOf(new Descriptor(0, 0));
    queue.restart();
    assertThat(queue.awaitError()).isEqualTo(3);
    assertThat(queue.head()).isEqualTo(16);
  }

  @Test
  void softwareMayReplaceTheBadDescriptorByAWait() {
    errorOf(Descriptor.iotlbPages(1, 0, 19, Descriptor.Hint.ANY_ENTRY));
    queue.put(16, Descriptor.waitStatus(status + 8, 2));
    queue.restart();
    Await.until("status", () -> machine.memory().readInt(status + 8) == 2);
    queue.awaitEmpty();
  }

  @Test
  void aTailTakenBackIntoTheQueueMendsABadTail() {
    queue.enable();
    registers.write32(Offsets.IQT, 0x1000);
    assertThat(queue.awaitError()).isEqualTo(1);
    registers.write32(Offsets.IQT, 0);
    queue.restart();
    assertThat(queue.error()).isZero();
    queue.complete(Descriptor.contextGlobal());
  }

  @Test
  void descriptorsBeforeTheBadOneAreDone() {
    machine.translating();
    long before = machine.page();
    long after = machine.page();
    TestDevice device = machine.device("00:03.0").map(IOVA, before);
    device.read(IOVA);
    device.map(IOVA, after);
    queue.submit(Descriptor.iotlbGlobal(), new Descriptor(0, 0));
    queue.awaitError();
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(after));
  }

  @Test
  void translationGoesOnWhileTheQueueIsStopped() {
    machine.translating();
    long page = machine.page();
    TestDevice device = machine.device("00:03.0").map(IOVA, page);
    queue.submit(new Descriptor(0, 0));
    queue.awaitError();
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(page));
  }

  @Test
  void turningAStoppedQueueOffAndOnStartsItAnewOnceTheErrorIsCleared() {
    errorOf(new Descriptor(0, 0));
    queue.disable();
    queue.restart();
    queue.enable();
    queue.complete(Descriptor.contextGlobal());
    assertThat(queue.head()).isEqualTo(32);
  }
}
