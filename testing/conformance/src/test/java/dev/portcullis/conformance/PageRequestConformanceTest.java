package dev.portcullis.conformance;

import static dev.portcullis.conformance.ScalableFunction.notLast;
import static dev.portcullis.conformance.ScalableFunction.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.ats.Functions;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.fault.Messages.Message;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.register.Feature;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Page requests that the tables allow: how software gets to see them, and what happens when there
/// are too many.
class PageRequestConformanceTest {
  private static final long PAGE = 0x7fff_1234_5000L;
  private static final long PPR = 1;
  private static final long PRO = 1 << 1;
  private static final long IM = 1L << 31;
  private static final long IP = 1 << 30;
  private static final int ENTRIES = 128;
  private static final Message ASKED = new Message(0xfee0_5000L, 0x171);

  private final TestMachine machine = Scalable.machine();
  private final Registers registers = machine.registers();
  private final Functions functions = machine.functions();
  private final ScalableFunction disk = new ScalableFunction(machine, 0x0190, 3);
  private final long ring = machine.page();

  @BeforeEach
  void start() {
    registers.write64(Offsets.PQH, 0);
    registers.write64(Offsets.PQT, 0);
    registers.write64(Offsets.PQA, ring);
    registers.write32(Offsets.PEDATA, ASKED.data());
    registers.write32(Offsets.PEADDR, ASKED.address());
    for (long at = ring; at < ring + 4096; at += 8) {
      machine.memory().writeLong(at, -1);
    }
  }

  private void ask(PageRequest request) {
    machine.unit().requestPage(disk.sourceId(), request);
  }

  private void ask(int group) {
    ask(request(PasidPrefix.NONE, PAGE, group));
  }

  private void askTimes(int times) {
    for (int i = 0; i < times; i++) {
      ask(notLast(request(PasidPrefix.NONE, PAGE, i)));
    }
  }

  private long word(int entry, int word) {
    return machine.memory().readLong(ring + 32L * entry + 8L * word);
  }

  private long tail() {
    return registers.read64(Offsets.PQT);
  }

  private long status() {
    return registers.read32(Offsets.PRS);
  }

  private List<Message> sent() {
    return machine.messages().take();
  }

  // What software sees.

  @Test
  @Covers({"page request descriptor", "register PQA.PQA", "register PQT.PQT"})
  void aRequestWithoutPasidIsWrittenToTheQueue() {
    ask(new PageRequest(PasidPrefix.NONE, PAGE, 0x1a5, true, false, false));
    assertThat(word(0, 0)).isEqualTo(1 | 0x0190L << 16);
    assertThat(word(0, 1)).isEqualTo(PAGE | 0x1a5L << 3 | 1);
    assertThat(word(0, 2)).isZero();
    assertThat(word(0, 3)).isZero();
    assertThat(tail()).isEqualTo(32);
    assertThat(functions.take()).isEmpty();
    assertThat(machine.faults().isPending()).isFalse();
  }

  @Test
  @Covers("page request descriptor")
  void aRequestWithPasidSaysWhoseItIs() {
    int prefix = PasidPrefix.of(0x2a) | PasidPrefix.PRIVILEGED | PasidPrefix.EXECUTE;
    ask(new PageRequest(prefix, PAGE | 0xfff, 0, true, true, true));
    assertThat(word(0, 0))
        .isEqualTo(1 | 1 << 8 | 0x0190L << 16 | 0x2aL << 32 | 1L << 52 | 1L << 53);
    assertThat(word(0, 1)).isEqualTo(PAGE | 7);
  }

  @Test
  @Covers("page request descriptor")
  void eachFlagHasItsBit() {
    ask(new PageRequest(PasidPrefix.of(1), -4096, 0, false, true, false));
    assertThat(word(0, 0)).isEqualTo(1 | 1 << 8 | 0x0190L << 16 | 1L << 32);
    assertThat(word(0, 1)).isEqualTo(-4096L | 2);
    ask(new PageRequest(PasidPrefix.of(1) | PasidPrefix.PRIVILEGED, 0, 0, false, true, false));
    assertThat(word(1, 0) >>> 52).isEqualTo(2);
    ask(new PageRequest(PasidPrefix.of(1) | PasidPrefix.EXECUTE, 0, 0, false, true, false));
    assertThat(word(2, 0) >>> 52).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7})
  @Covers({"register PQA.PQS", "register PQT.PQT", "register PQH.PQH"})
  void theTailWrapsAtTheSizeOfTheQueue(int sizeCode) {
    long base = machine.memory().pages(1 << sizeCode);
    registers.write64(Offsets.PQA, base | sizeCode);
    int entries = 1 << sizeCode + 7;
    long bytes = 32L * entries;
    registers.write64(Offsets.PQH, bytes - 64);
    registers.write64(Offsets.PQT, bytes - 64);
    ask(1);
    assertThat(tail()).isEqualTo(bytes - 32);
    ask(2);
    assertThat(tail()).isZero();
    ask(3);
    assertThat(tail()).isEqualTo(32);
    assertThat(machine.memory().readLong(base + bytes - 64 + 8) >>> 3 & 0x1ff).isEqualTo(1);
    assertThat(machine.memory().readLong(base + bytes - 32 + 8) >>> 3 & 0x1ff).isEqualTo(2);
    assertThat(machine.memory().readLong(base + 8) >>> 3 & 0x1ff).isEqualTo(3);
  }

  @Test
  @Covers({"descriptor 9h", "page request response"})
  void softwareAnswersAGroup() {
    ask(request(PasidPrefix.of(9), PAGE, 7));
    assertThat(functions.take()).isEmpty();
    machine.queue().submit(Descriptor.response(disk.sourceId(), 9, 7, 1));
    assertThat(functions.takeAnswers())
        .containsExactly(new PageResponse(PasidPrefix.of(9), 7, PageResponse.INVALID_REQUEST));
  }

  // Status and event.

  @Test
  @Covers({
    "register PRS.PPR",
    "register PECTL.IM",
    "register PEDATA.IMD",
    "register PEADDR.MA",
    "page request event"
  })
  void aRequestSendsTheMessageSoftwareProgrammed() {
    registers.write32(Offsets.PECTL, 0);
    ask(1);
    assertThat(status()).isEqualTo(PPR);
    assertThat(sent()).containsExactly(ASKED);
    assertThat(registers.read32(Offsets.PECTL)).isZero();
  }

  @Test
  @Covers({"register PECTL.IM", "register PECTL.IP"})
  void aMaskedMessageIsPendingAndGoesOutWhenItIsUnmasked() {
    ask(1);
    assertThat(sent()).isEmpty();
    assertThat(registers.read32(Offsets.PECTL)).isEqualTo(IM | IP);
    registers.write32(Offsets.PECTL, 0);
    assertThat(sent()).containsExactly(ASKED);
    assertThat(registers.read32(Offsets.PECTL)).isZero();
  }

  @Test
  @Covers({"register PECTL.IP", "register PRS.PPR"})
  void aPendingMessageIsForgottenWhenSoftwareClearsItsCause() {
    ask(1);
    registers.write32(Offsets.PRS, PPR);
    assertThat(status()).isZero();
    assertThat(registers.read32(Offsets.PECTL) & IP).isZero();
    registers.write32(Offsets.PECTL, 0);
    assertThat(sent()).isEmpty();
  }

  @Test
  @Covers("page request event")
  void aRequestNotYetSeenToSendsNothingAgain() {
    registers.write32(Offsets.PECTL, 0);
    ask(1);
    ask(2);
    assertThat(sent()).containsExactly(ASKED);
    registers.write32(Offsets.PRS, PPR);
    ask(3);
    assertThat(sent()).containsExactly(ASKED);
  }

  @Test
  @Covers({"page request event", "register PRS.PRO"})
  void anOverflowSendsNothingWhileARequestIsPending() {
    registers.write32(Offsets.PECTL, 0);
    askTimes(ENTRIES);
    assertThat(status()).isEqualTo(PRO | PPR);
    assertThat(sent()).containsExactly(ASKED);
  }

  @Test
  @Covers({"page request event", "register PRS.PRO", "register PECTL.IP"})
  void anOverflowAloneSendsAMessage() {
    askTimes(ENTRIES - 1);
    registers.write32(Offsets.PRS, PPR);
    registers.write32(Offsets.PECTL, 0);
    ask(1);
    assertThat(status()).isEqualTo(PRO);
    assertThat(sent()).containsExactly(ASKED);
  }

  @Test
  @Covers("register PECTL.IP")
  void aPendingMessageStaysWhileEitherCauseIsLeft() {
    askTimes(ENTRIES);
    registers.write32(Offsets.PRS, PPR);
    assertThat(registers.read32(Offsets.PECTL) & IP).isNotZero();
    registers.write32(Offsets.PRS, PRO);
    assertThat(registers.read32(Offsets.PECTL) & IP).isZero();
  }

  @Test
  void theDescriptorIsThereBeforeItsMessage() {
    long[] seen = {0};
    registers.write32(Offsets.PECTL, 0);
    machine.messages().onSend(message -> seen[0] = word(0, 0));
    ask(1);
    assertThat(seen[0] & 0xff).isEqualTo(1);
  }

  @Test
  @Covers("register PEUADDR.MUA")
  void withoutExtendedInterruptModeAMessageHasNoUpperAddress() {
    registers.write32(Offsets.PEUADDR, -1);
    registers.write32(Offsets.PECTL, 0);
    ask(1);
    assertThat(sent()).containsExactly(ASKED);
  }

  @Test
  @Covers("register PEUADDR.MUA")
  void inExtendedInterruptModeAMessageHasAnUpperAddress() {
    TestMachine extended =
        Scalable.machine(builder -> builder.with(Feature.EXTENDED_INTERRUPT_MODE));
    new ScalableFunction(extended, disk.sourceId(), 3);
    Registers window = extended.registers();
    window.write64(Offsets.PQA, extended.page());
    window.write32(Offsets.PEDATA, ASKED.data());
    window.write32(Offsets.PEADDR, ASKED.address());
    window.write32(Offsets.PEUADDR, 0x1234_5600);
    window.write32(Offsets.PECTL, 0);
    extended.unit().requestPage(disk.sourceId(), request(PasidPrefix.NONE, PAGE, 1));
    assertThat(extended.messages().take())
        .containsExactly(new Message(0x1234_5600L << 32 | ASKED.address(), ASKED.data()));
  }

  // Too many.

  @Test
  @Covers({"page request overflow", "register PRS.PRO"})
  void aFullQueueTakesOneLessThanItHas() {
    askTimes(ENTRIES - 1);
    assertThat(status()).isEqualTo(PPR);
    assertThat(tail()).isEqualTo(4096 - 32);
    askTimes(1);
    assertThat(status()).isEqualTo(PRO | PPR);
    assertThat(tail()).isEqualTo(4096 - 32);
    assertThat(word(ENTRIES - 1, 0)).as("the last is never written").isEqualTo(-1);
    assertThat(functions.take()).as("not the last of its group").isEmpty();
    assertThat(machine.faults().isPending()).isFalse();
  }

  @Test
  @Covers("page request overflow")
  void theLastOfAGroupThatFindsNoRoomIsAnsweredWithSuccess() {
    askTimes(ENTRIES - 1);
    ask(request(PasidPrefix.of(4) | PasidPrefix.PRIVILEGED, PAGE, 9));
    assertThat(functions.takeAnswers())
        .containsExactly(new PageResponse(PasidPrefix.of(4), 9, PageResponse.SUCCESS));
  }

  @Test
  @Covers("page request overflow")
  void afterAnOverflowNothingIsTakenUntilSoftwareHasClearedIt() {
    askTimes(ENTRIES);
    registers.write64(Offsets.PQH, 4096 - 32);
    ask(9);
    assertThat(functions.takeAnswers())
        .containsExactly(new PageResponse(PasidPrefix.NONE, 9, PageResponse.SUCCESS));
    assertThat(tail()).isEqualTo(4096 - 32);
    registers.write32(Offsets.PRS, PRO);
    ask(10);
    assertThat(functions.take()).isEmpty();
    assertThat(tail()).isZero();
  }

  @Test
  @Covers({"page request overflow", "register PQH.PQH"})
  void aQueueThatSoftwareEmptiesHasRoomAgain() {
    askTimes(ENTRIES - 1);
    registers.write64(Offsets.PQH, 32);
    ask(1);
    assertThat(status()).isEqualTo(PPR);
    assertThat(tail()).isZero();
  }

  // Stop markers.

  @Test
  @Covers("page request stop marker")
  void aStopMarkerIsQueuedLikeAnyOther() {
    ask(new PageRequest(PasidPrefix.of(4), 0, 0, false, false, true));
    assertThat(word(0, 0)).isEqualTo(1 | 1 << 8 | 0x0190L << 16 | 4L << 32);
    assertThat(word(0, 1)).isEqualTo(4);
  }

  @Test
  @Covers({"page request stop marker", "register ECAP.SMS"})
  void aStopMarkerThatFindsNoRoomIsNotAnswered() {
    askTimes(ENTRIES);
    ask(new PageRequest(PasidPrefix.of(4), 0, 0, false, false, true));
    assertThat(functions.take()).isEmpty();
  }

  @Test
  @Covers({"page request stop marker", "register ECAP.SMS"})
  void withoutStopMarkersOneThatFindsNoRoomIsDroppedToo() {
    TestMachine plain = Scalable.machine(builder -> builder.without(Feature.STOP_MARKERS));
    new ScalableFunction(plain, disk.sourceId(), 3);
    plain.registers().write64(Offsets.PQA, GuestMemory.HOLE);
    plain
        .unit()
        .requestPage(disk.sourceId(), new PageRequest(PasidPrefix.of(4), 0, 0, false, false, true));
    assertThat(plain.registers().read32(Offsets.PRS)).isEqualTo(PRO);
    assertThat(plain.functions().take()).isEmpty();
  }

  // Ways to go wrong.

  @Test
  @Covers("page request while translation is off")
  void whileTranslationIsOffRequestsAreInvalid() {
    registers.disable(Command.TE);
    ask(3);
    ask(notLast(request(PasidPrefix.NONE, PAGE, 4)));
    assertThat(functions.takeAnswers())
        .containsExactly(new PageResponse(PasidPrefix.NONE, 3, PageResponse.INVALID_REQUEST));
    assertThat(tail()).isZero();
    assertThat(machine.faults().isPending()).isFalse();
  }

  @Test
  @Covers("register ECAP.PRS")
  void aUnitWithoutPageRequestsSaysNothing() {
    TestMachine plain =
        Scalable.machine(builder -> builder.without(Feature.PAGE_REQUESTS, Feature.STOP_MARKERS));
    plain.unit().requestPage(disk.sourceId(), request(PasidPrefix.NONE, PAGE, 3));
    assertThat(plain.functions().take()).isEmpty();
    for (int offset : new int[] {Offsets.PQH, Offsets.PQT, Offsets.PQA}) {
      plain.registers().write64(offset, -1);
      assertThat(plain.registers().read64(offset)).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {GuestMemory.HOLE, 0xfee0_0000L, -4096L})
  void aQueueWithoutMemoryOverflows(long base) {
    registers.write64(Offsets.PQA, base);
    ask(3);
    assertThat(status()).isEqualTo(PRO);
    assertThat(tail()).isZero();
    assertThat(functions.takeAnswers())
        .containsExactly(new PageResponse(PasidPrefix.NONE, 3, PageResponse.SUCCESS));
  }

  @Test
  void aQueueAtTheTopOfMemoryKeepsToItsMemory() {
    long last = GuestMemory.LOW_BYTES - 4096;
    registers.write64(Offsets.PQA, last | 1);
    askTimes(ENTRIES);
    assertThat(status()).isEqualTo(PPR);
    assertThat(tail()).isEqualTo(4096);
    ask(1);
    assertThat(status()).isEqualTo(PPR | PRO);
    assertThat(tail()).isEqualTo(4096);
  }

  @Test
  void aQueueAtTheEndOfAllAddressesDoesNotGoOnAtZero() {
    registers.write64(Offsets.PQA, -4096L | 1);
    registers.write64(Offsets.PQT, 4096);
    ask(3);
    assertThat(status()).isEqualTo(PRO);
    assertThat(machine.memory().readLong(0)).isZero();
  }

  @Test
  void pointersBeyondTheQueueCountAsFarAsItGoes() {
    registers.write64(Offsets.PQT, 0x7_ffe0);
    registers.write64(Offsets.PQH, 0x5_0fe0);
    ask(1);
    assertThat(status()).isEqualTo(PPR);
    assertThat(tail()).isZero();
    assertThat(word(ENTRIES - 1, 0) & 0xff).isEqualTo(1);
    registers.write64(Offsets.PQH, 0x1_0020);
    ask(2);
    assertThat(status()).as("full").isEqualTo(PPR | PRO);
  }

  @Test
  void aPasidWiderThanTheUnitsIsAcceptedIfTheDirectoryHasIt() {
    TestMachine narrow = Scalable.machine(builder -> builder.pasidBits(3));
    new ScalableFunction(narrow, disk.sourceId(), 3);
    narrow.registers().write64(Offsets.PQA, narrow.page());
    narrow.unit().requestPage(disk.sourceId(), request(PasidPrefix.of(0x2a), PAGE, 1));
    assertThat(narrow.registers().read64(Offsets.PQT)).isEqualTo(32);
    assertThat(narrow.faults().isPending()).isFalse();
  }

  // Draining.

  @Test
  @Covers({"descriptor 5h", "register ECAP.PDS", "page request drain"})
  void whatADeviceAskedBeforeItForgotIsInTheQueueWhenTheWaitIsDone() {
    long status = machine.page();
    long[] tailThen = {-1};
    functions.onHearing(heard -> {
      if (heard instanceof Functions.Forget told) {
        ask(1);
        tailThen[0] = tail();
        machine.unit().invalidationCompleted(told.requesterId(), 1 << told.request().tag(), 1);
      }
    });
    machine
        .queue()
        .submit(
            Descriptor.plainWait().with(6),
            Descriptor.iotlbDomain(3),
            Descriptor.deviceTlb(disk.sourceId(), 0),
            Descriptor.waitStatus(status, 1).with(7));
    assertThat(tailThen[0]).isEqualTo(32);
    assertThat(machine.memory().readInt(status)).isEqualTo(1);
    assertThat(word(0, 0) & 0xff).isEqualTo(1);
  }

  // Registers.

  @Test
  @Covers({
    "register PQH.PQH",
    "register PQT.PQT",
    "register PQA.PQA",
    "register PQA.PQS",
    "register PECTL.IM",
    "register PEDATA.IMD",
    "register PEADDR.MA"
  })
  void theRegistersTakeExactlyTheirWritableBits() {
    takes(Offsets.PQH, 8, 0x7_ffe0);
    takes(Offsets.PQT, 8, 0x7_ffe0);
    takes(Offsets.PQA, 8, 0xffff_ffff_ffff_f007L);
    takes(Offsets.PECTL, 4, 0x8000_0000L);
    takes(Offsets.PEDATA, 4, 0xffff);
    takes(Offsets.PEADDR, 4, 0xffff_fffcL);
    takes(Offsets.PRS, 4, 0);
  }

  private void takes(int offset, int widthBytes, long writable) {
    registers.write(offset, widthBytes, -1);
    assertThat(registers.read(offset, widthBytes)).as("%x", offset).isEqualTo(writable);
    registers.write(offset, widthBytes, 0);
    assertThat(registers.read(offset, widthBytes)).as("%x", offset).isZero();
  }

  @Test
  @Covers("register PECTL.IM")
  void afterPowerOnTheEventIsMaskedAndTheQueueEmpty() {
    Registers fresh = Scalable.machine().registers();
    assertThat(fresh.read32(Offsets.PECTL)).isEqualTo(IM);
    for (int offset : new int[] {Offsets.PQH, Offsets.PQT, Offsets.PQA}) {
      assertThat(fresh.read64(offset)).isZero();
    }
    assertThat(fresh.read32(Offsets.PRS)).isZero();
  }
}
