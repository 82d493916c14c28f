package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.ats.Functions.Forget;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.queue.Descriptor.Hint;
import dev.portcullis.kit.queue.InvalidationQueue;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.spec.register.Feature;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The queue of 256-bit descriptors, and which types there are in which mode.
class WideQueueConformanceTest {
  private static final long WIDE = 1 << 11;

  private final TestMachine machine = Scalable.machine();
  private final Registers registers = machine.registers();
  private final InvalidationQueue queue = machine.queue();
  private final long status = machine.page();

  private int status() {
    return machine.memory().readInt(status);
  }

  /// The error a descriptor is, or 0; the queue is as before afterwards.
  private int errorOf(InvalidationQueue queue, Descriptor descriptor) {
    return errorOf(queue, descriptor, 0, 0);
  }

  private int errorOf(InvalidationQueue queue, Descriptor descriptor, long third, long fourth) {
    long at = queue.head();
    queue.put(at, descriptor);
    if (third != 0 || fourth != 0) {
      queue.putUpper(at, third, fourth);
    }
    long next = (at + queue.entryBytes()) % queue.sizeBytes();
    registers(queue).write32(Offsets.IQT, next);
    int error = queue.error();
    if (error != 0) {
      assertThat(queue.head()).isEqualTo(at);
      queue.put(at, Descriptor.plainWait());
      queue.restart();
    }
    assertThat(queue.head()).isEqualTo(next);
    return error;
  }

  private Registers registers(InvalidationQueue of) {
    return of == queue ? registers : others;
  }

  private Registers others;

  @Test
  @Covers({"register IQH.QH", "register IQT.QT", "register IQA.DW"})
  void theHeadGoesByWholeDescriptors() {
    for (int i = 1; i <= 5; i++) {
      queue.submit(Descriptor.contextGlobal());
      assertThat(queue.head()).isEqualTo(32L * i);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 7})
  @Covers({"register IQA.QS", "register IQA.DW"})
  void theQueueWrapsAtItsSize(int sizeCode) {
    queue.disable();
    InvalidationQueue sized = new InvalidationQueue(registers, machine.memory(), sizeCode);
    sized.enableWide();
    int entries = 1 << sizeCode + 7;
    Descriptor[] most = new Descriptor[entries - 2];
    Arrays.fill(most, Descriptor.pasid(1, 2));
    sized.submit(most);
    assertThat(sized.head()).isEqualTo(32L * (entries - 2));
    sized.submit(
        Descriptor.waitStatus(status, 1),
        Descriptor.waitStatus(status + 4, 2),
        Descriptor.waitStatus(status + 8, 3));
    assertThat(sized.head()).isEqualTo(32);
    assertThat(status()).isEqualTo(1);
    assertThat(machine.memory().readInt(status + 4)).isEqualTo(2);
    assertThat(machine.memory().readInt(status + 8)).isEqualTo(3);
  }

  /// A descriptor of each type, and the masks of its reserved bits.
  static Stream<Arguments> types() {
    return Stream.of(
        Arguments.of(Descriptor.contextGlobal(), 0xfffc_0000_0000_f1c0L, -1L),
        Arguments.of(Descriptor.iotlbGlobal(), 0xffff_ffff_0000_f100L, 0xf80L),
        Arguments.of(Descriptor.deviceTlb(8, 0), 0x000f_0000_ffe0_01f0L, 0xffeL),
        Arguments.of(Descriptor.interruptsGlobal(), 0xffff_0000_07ff_f1e0L, -1L),
        Arguments.of(Descriptor.plainWait(), 0xffff_f100L, 3L),
        Arguments.of(Descriptor.pasidIotlb(1, 2), 0xfff0_0000_0000_f1c0L, 0xf80L),
        Arguments.of(Descriptor.pasidsGlobal(), 0xfff0_0000_0000_f1c0L, -1L),
        Arguments.of(Descriptor.pasidDeviceTlb(8, 1, 0), 0L, 0x7feL),
        Arguments.of(Descriptor.response(8, 1, 0), 0xfff0_0000_0000_01e0L, 0xffff_ffff_ffff_f003L),
        Arguments.of(Descriptor.permissionsGlobal(), 0xffff_ffff_0000_f1c0L, 0xf00L));
  }

  @ParameterizedTest
  @MethodSource("types")
  @Covers("queue error 4")
  void everyReservedBitIsError4(Descriptor valid, long reservedLow, long reservedHigh) {
    answerEverything(machine);
    for (int bit = 0; bit < 128; bit++) {
      boolean type = bit < 4 || bit >= 9 && bit < 12;
      boolean reserved = ((bit < 64 ? reservedLow : reservedHigh) >>> (bit & 63) & 1) != 0;
      boolean granularity = bit == 4 || bit == 5;
      if (!type && (reserved || !granularity)) {
        assertThat(errorOf(queue, valid.with(bit)))
            .as("%s with bit %d", valid, bit)
            .isEqualTo(reserved && !isSet(valid, bit) ? 4 : 0);
      }
    }
  }

  private static boolean isSet(Descriptor descriptor, int bit) {
    return ((bit < 64 ? descriptor.lo() : descriptor.hi()) >>> (bit & 63) & 1) != 0;
  }

  private static void answerEverything(TestMachine machine) {
    machine
        .functions()
        .onHearing(heard -> {
          if (heard instanceof Forget told) {
            machine.unit().invalidationCompleted(told.requesterId(), 1 << told.request().tag(), 1);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("types")
  @Covers("queue error 4")
  void everyBitOfTheUpperHalfIsError4(Descriptor valid, long reservedLow, long reservedHigh) {
    for (int bit = 0; bit < 64; bit++) {
      assertThat(errorOf(queue, valid, 1L << bit, 0)).as("bit %d", 128 + bit).isEqualTo(4);
      assertThat(errorOf(queue, valid, 0, 1L << bit)).as("bit %d", 192 + bit).isEqualTo(4);
    }
  }

  @Test
  @Covers("queue error 4")
  void granularitiesThatDoNotExistAreError4() {
    for (long lo : new long[] {0x01, 0x02, 0x06, 0x16, 0x27, 0x0a}) {
      assertThat(errorOf(queue, new Descriptor(lo, 0))).as("%#x", lo).isEqualTo(4);
    }
  }

  @Test
  @Covers({"queue error 4", "register ECAP.MHMV"})
  void moreInterruptEntriesThanTheUnitAllowsAreError4() {
    TestMachine few = Scalable.machine(builder -> builder.maximumInterruptMask(3));
    others = few.registers();
    assertThat(errorOf(few.queue(), Descriptor.interrupts(0, 3))).isZero();
    assertThat(errorOf(few.queue(), Descriptor.interrupts(0, 4))).isEqualTo(4);
    assertThat(errorOf(few.queue(), Descriptor.interrupts(0, 31))).isEqualTo(4);
    assertThat(errorOf(few.queue(), new Descriptor(4 | 31L << 27, 0))).as("global").isZero();
  }

  private List<Integer> validTypes(TestMachine of) {
    others = of.registers();
    answerEverything(of);
    return Stream.iterate(0, type -> type + 1)
        .limit(128)
        .filter(type ->
            errorOf(of.queue(), new Descriptor(type & 15 | (long) (type >> 4) << 9, 0)) != 3)
        .toList();
  }

  private static TestMachine inMode(long mode, Feature... without) {
    TestMachine machine = Scalable.machine(builder -> builder.without(without));
    machine.queue().disable();
    machine.registers().setRootTable(machine.rootTable() | mode);
    return machine;
  }

  @Test
  @Covers("queue error 3")
  void scalableModeHasTheTypesUpTo10() {
    TestMachine scalable = inMode(Scalable.SCALABLE);
    scalable.queue().enableWide();
    assertThat(validTypes(scalable)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  }

  @Test
  @Covers({"queue error 3", "register ECAP.ADMS"})
  void abortModeHasTheSameTypes() {
    TestMachine aborting = inMode(Scalable.ABORT);
    aborting.queue().enableWide();
    assertThat(validTypes(aborting)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  }

  @Test
  @Covers("queue error 3")
  void legacyModeHasTheTypesUpTo5WhateverTheWidth() {
    TestMachine narrow = inMode(0);
    narrow.queue().enable();
    assertThat(validTypes(narrow)).containsExactly(1, 2, 3, 4, 5);
    TestMachine wide = inMode(0);
    wide.queue().enableWide();
    assertThat(validTypes(wide)).containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  @Covers({
    "queue error 3",
    "register ECAP.DT",
    "register ECAP.PRS",
    "register ECAP.HPTS",
    "register ECAP.IR"
  })
  void typesNeedTheirFeatures() {
    TestMachine plain =
        inMode(
            Scalable.SCALABLE,
            Feature.DEVICE_TLBS,
            Feature.DEVICE_TLB_INVALIDATION_THROTTLE,
            Feature.PAGE_REQUESTS,
            Feature.PAGE_REQUEST_DRAIN,
            Feature.STOP_MARKERS,
            Feature.INTERRUPT_REMAPPING,
            Feature.HOST_PERMISSION_TABLES);
    plain.queue().enableWide();
    assertThat(validTypes(plain)).containsExactly(1, 2, 5, 6, 7);
  }

  @Test
  @Covers("register ECAP.PDS")
  void aPageRequestDrainNeedsItsFeature() {
    assertThat(errorOf(queue, Descriptor.plainWait().with(7))).isZero();
    TestMachine plain = inMode(Scalable.SCALABLE, Feature.PAGE_REQUEST_DRAIN);
    plain.queue().enableWide();
    others = plain.registers();
    assertThat(errorOf(plain.queue(), Descriptor.plainWait().with(7))).isEqualTo(4);
  }

  @Test
  @Covers({"descriptor 4h", "descriptor 6h", "descriptor 7h", "descriptor Ah"})
  void everyFormOfADescriptorIsAccepted() {
    queue.complete(
        Descriptor.contextGlobal(),
        Descriptor.contextDomain(0xffff),
        Descriptor.contextDevice(0xffff, 0xffff, 3),
        Descriptor.iotlbGlobal(),
        Descriptor.iotlbDomain(0xffff),
        Descriptor.iotlbPages(0xffff, -4096, 18, Hint.LEAF_ONLY),
        Descriptor.interruptsGlobal(),
        Descriptor.interrupts(0xffff, 15),
        Descriptor.pasidIotlb(0xffff, 0xf_ffff),
        Descriptor.pasidIotlbPages(0xffff, 0xf_ffff, -4096, 63, Hint.LEAF_ONLY),
        Descriptor.pasidIotlbPages(0, 0, 0, 0, Hint.ANY_ENTRY),
        Descriptor.pasidsGlobal(),
        Descriptor.pasidsDomain(0xffff),
        Descriptor.pasid(0xffff, 0xf_ffff),
        Descriptor.permissionsGlobal(),
        Descriptor.permissionsDomain(0xffff, 4),
        Descriptor.permissionPages(0xffff, -4096, 63, 1),
        Descriptor.plainWait().with(6).with(7));
    assertThat(queue.error()).isZero();
  }

  // Errors of the registers.

  @ParameterizedTest
  @ValueSource(longs = {Scalable.SCALABLE, Scalable.ABORT})
  @Covers({"queue error 5", "register IQA.DW"})
  void a128BitQueueOutsideLegacyModeIsError5(long mode) {
    TestMachine narrow = inMode(mode);
    narrow.queue().enable();
    narrow.queue().submit(Descriptor.plainWait());
    assertThat(narrow.queue().error()).isEqualTo(5);
    assertThat(narrow.queue().head()).isZero();
  }

  @Test
  @Covers("queue error 7")
  void modesThatTheUnitDoesNotHaveAreError7() {
    assertThat(errorInMode(inMode(Scalable.RESERVED))).isEqualTo(7);
    assertThat(errorInMode(inMode(Scalable.ABORT, Feature.ABORT_DMA_MODE))).isEqualTo(7);
    TestMachine onlyAborts = TestMachine.withUnit(builder -> builder.with(Feature.ABORT_DMA_MODE));
    onlyAborts.registers().setRootTable(onlyAborts.rootTable() | Scalable.SCALABLE);
    assertThat(errorInMode(onlyAborts)).isEqualTo(7);
  }

  private static int errorInMode(TestMachine machine) {
    machine.queue().enableWide();
    machine.queue().submit(Descriptor.plainWait());
    return machine.queue().error();
  }

  @ParameterizedTest
  @ValueSource(longs = {0x10, 0x30, 0x1010, 0x7_fff0})
  @Covers("queue error 6")
  void aTailInTheMiddleOfADescriptorIsError6(long tail) {
    registers.write32(Offsets.IQT, tail);
    assertThat(queue.error()).isEqualTo(6);
    assertThat(registers.read64(Offsets.IQT)).isEqualTo(tail - 16);
  }

  @ParameterizedTest
  @ValueSource(longs = {0x1000, 0x7_ffe0})
  @Covers("queue error 1")
  void aTailBeyondTheQueueIsError1(long tail) {
    registers.write32(Offsets.IQT, tail);
    assertThat(queue.error()).isEqualTo(1);
  }

  @Test
  @Covers("queue error 2")
  void aQueueThatRunsOutOfMemoryIsError2() {
    queue.disable();
    registers.write64(Offsets.IQT, 0);
    registers.write64(Offsets.IQA, GuestMemory.LOW_BYTES - 4096 | WIDE | 1);
    for (long at = GuestMemory.LOW_BYTES - 4096; at < GuestMemory.LOW_BYTES; at += 32) {
      machine.memory().writeLong(at, Descriptor.pasidsGlobal().lo());
    }
    registers.enable(Command.QIE);
    registers.write32(Offsets.IQT, 4096 + 64);
    assertThat(queue.error()).isEqualTo(2);
    assertThat(queue.head()).isEqualTo(4096);
  }

  @ParameterizedTest
  @ValueSource(longs = {GuestMemory.HOLE, 0xfee0_0000L, 0xfed9_0000L, -4096L, 1L << 51})
  @Covers("queue error 2")
  void aQueueWhereNoMemoryIsIsError2(long base) {
    queue.disable();
    registers.write64(Offsets.IQT, 0);
    registers.write64(Offsets.IQA, base | WIDE);
    registers.enable(Command.QIE);
    registers.write32(Offsets.IQT, 32);
    assertThat(queue.error()).isEqualTo(2);
    assertThat(queue.head()).isZero();
  }

  @Test
  void errorsAreToldInTheirOrder() {
    queue.disable();
    registers.write64(Offsets.IQT, 0x1010);
    registers.setRootTable(machine.rootTable() | Scalable.RESERVED);
    registers.write64(Offsets.IQA, GuestMemory.HOLE | WIDE);
    registers.enable(Command.QIE);
    assertThat(queue.error()).as("misaligned and beyond").isEqualTo(6);
    queue.restart();
    assertThat(queue.error()).as("beyond, in no mode").isEqualTo(1);
    registers.write64(Offsets.IQT, 32);
    queue.restart();
    assertThat(queue.error()).as("in no mode, nowhere").isEqualTo(7);
    registers.setRootTable(machine.rootTable() | Scalable.SCALABLE);
    registers.write64(Offsets.IQA, GuestMemory.HOLE);
    queue.restart();
    assertThat(queue.error()).as("too narrow, nowhere").isEqualTo(5);
    registers.write64(Offsets.IQA, GuestMemory.HOLE | WIDE);
    queue.restart();
    assertThat(queue.error()).as("nowhere").isEqualTo(2);
    registers.write64(Offsets.IQA, queue.base() | WIDE);
    machine.memory().writeLong(queue.base(), 0xf | 0xf000);
    queue.restart();
    assertThat(queue.error()).as("no type, reserved bits").isEqualTo(3);
    machine.memory().writeLong(queue.base(), 1 | 0xf000);
    queue.restart();
    assertThat(queue.error()).as("reserved bits").isEqualTo(4);
    machine.memory().writeLong(queue.base(), Descriptor.contextGlobal().lo());
    queue.restart();
    assertThat(queue.error()).isZero();
    assertThat(queue.head()).isEqualTo(32);
  }

  // Bad input.

  @Test
  void aHeadLeftBetweenDescriptorsByAChangeOfWidthFindsTheTail() {
    queue.disable();
    registers.setRootTable(machine.rootTable());
    queue.enable();
    queue.submit(Descriptor.plainWait());
    assertThat(queue.head()).isEqualTo(16);
    for (long at = 0; at < 4096; at += 16) {
      queue.put(at, new Descriptor(0, 0));
    }
    registers.write64(Offsets.IQA, queue.base() | WIDE);
    registers.write32(Offsets.IQT, 0);
    assertThat(queue.error()).isIn(3, 4);
    queue.put(16, Descriptor.contextGlobal());
    for (int i = 0; i < 300 && queue.error() != 0; i++) {
      queue.put(queue.head(), Descriptor.contextGlobal());
      queue.restart();
    }
    assertThat(queue.error()).isZero();
    assertThat(queue.head()).isZero();
  }

  @Test
  void aQueueThatShrinksUnderItsHeadStartsOver() {
    queue.disable();
    InvalidationQueue large = new InvalidationQueue(registers, machine.memory(), 1);
    large.enableWide();
    Descriptor[] most = new Descriptor[200];
    Arrays.fill(most, Descriptor.plainWait());
    large.submit(most);
    assertThat(large.head()).isEqualTo(6400);
    registers.write64(Offsets.IQA, large.base() | WIDE);
    machine.memory().writeLong(large.base() + 6400, Descriptor.plainWait().lo());
    registers.write32(Offsets.IQT, 32);
    assertThat(large.error()).isZero();
    assertThat(large.head()).isEqualTo(32);
  }

  @Test
  void aStatusWrittenIntoTheQueueIsReadWhenItIsReached() {
    queue.put(32, Descriptor.plainWait());
    queue.put(0, Descriptor.waitStatus(queue.base() + 32, 0xf));
    registers.write32(Offsets.IQT, 64);
    assertThat(queue.error()).isEqualTo(3);
    assertThat(queue.head()).isEqualTo(32);
  }

  @ParameterizedTest
  @ValueSource(longs = {GuestMemory.HOLE, 0xfee0_0000L, GuestMemory.LOW_BYTES, 1L << 45})
  void aStatusWrittenToNowhereIsDropped(long address) {
    queue.complete(Descriptor.waitStatus(address, 1));
    assertThat(queue.error()).isZero();
  }

  @Test
  void aTailThatJumpsAboutIsFollowedOnceRoundAtMost() {
    for (long at = 0; at < 4096; at += 32) {
      queue.put(at, Descriptor.pasidIotlb(1, 1));
    }
    for (long tail : new long[] {4064, 32, 0, 2048, 2016, 4064, 4032}) {
      registers.write32(Offsets.IQT, tail);
      assertThat(queue.head()).isEqualTo(tail);
      assertThat(queue.error()).isZero();
    }
  }
}
