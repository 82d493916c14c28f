package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.fault.FaultRecord;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.rogue.RogueFunction;
import dev.portcullis.kit.rogue.RogueFunction.Manner;
import dev.portcullis.pci.AddressType;
import dev.portcullis.pci.AtomicOperation;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.pci.TranslationRequest;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.ScalableContextEntry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// A device that forges, floods and keeps silent, against root complex and unit.
class WireConformanceTest {
  private static final int PASID = 5;
  private static final int PREFIX = PasidPrefix.of(PASID);
  private static final long IOVA = 0x5555_0000_1000L;
  private static final long INTERRUPTS = 0xfee0_0000L;
  private static final int ITE = 1 << 6;
  private static final int ICE = 1 << 5;

  private final RogueFunction rogue = new RogueFunction();
  private final SharedMemoryMachine whole = new SharedMemoryMachine(rogue);
  private final TestMachine machine = whole.machine();
  private final GuestMemory memory = whole.memory();
  private final FirstStage space = whole.space(PASID);
  private final long page = memory.page();

  private int errors() {
    return (int) machine.registers().read32(Offsets.FSTS) & (ITE | ICE);
  }

  private List<Integer> reasons() {
    return machine.faults().take().stream().map(FaultRecord::reason).toList();
  }

  private void assertNothingCame() {
    assertThat(memory.readLong(page)).isZero();
    assertThat(machine.delivered().take()).isEmpty();
  }

  // Address types.

  @ParameterizedTest
  @EnumSource(
      value = AddressType.class,
      names = {"RESERVED", "TRANSLATION_REQUEST"})
  @Covers({"wire address-type-11", "wire address-type-01-write"})
  void writesWithTheseAddressTypesAreUnsupported(AddressType type) {
    for (int prefix : new int[] {PasidPrefix.NONE, PREFIX}) {
      assertThat(rogue.write(type, prefix, page, 1)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
      assertThat(rogue.out().zeroLengthRead(type, prefix, page))
          .isEqualTo(Completion.UNSUPPORTED_REQUEST);
      assertThat(rogue.out().atomic(type, prefix, page, AtomicOperation.swap(8, 1)))
          .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    }
    assertNothingCame();
    assertThat(reasons()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1, 0xff", "3, 0xff", "18, 0xff", "0, 0xff", "2, 0xfe", "2, 0x7f", "2, 0"})
  @Covers("wire translation-request-malformed")
  void malformedTranslationRequestsGetNoTranslation(int doublewords, String byteEnables) {
    space.map(IOVA, page);
    long answer =
        rogue
            .out()
            .requestTranslation(
                new TranslationRequest(
                    PREFIX, IOVA, false, doublewords, Integer.decode(byteEnables)));
    assertThat(answer).isNegative();
    assertThat(reasons()).isEmpty();
  }

  @Test
  void theLongestTranslationRequestGetsOneTranslation() {
    space.map(IOVA, page);
    assertThat(
            rogue.out().requestTranslation(new TranslationRequest(PREFIX, IOVA, false, 16, 0xff)))
        .isEqualTo(AtsEntry.of(page, 12, AtsEntry.R | AtsEntry.W));
  }

  // Translated requests.

  @Test
  void aTranslatedRequestReachesWhatTheDeviceWasTold() {
    space.map(IOVA, page);
    long translation = rogue.ask(PREFIX, IOVA);
    assertThat(AtsEntry.page(translation)).isEqualTo(page);
    assertThat(rogue.writeTranslated(PREFIX, page, 7)).isEqualTo(Completion.SUCCESS);
    assertThat(rogue.readTranslated(PasidPrefix.NONE, page)).isEqualTo(Completion.SUCCESS);
    AtomicOperation add = AtomicOperation.fetchAdd(8, 1);
    assertThat(rogue.out().atomic(AddressType.TRANSLATED, PREFIX, page, add))
        .isEqualTo(Completion.SUCCESS);
    assertThat(add.previous()).isEqualTo(7);
    assertThat(memory.readLong(page)).isEqualTo(8);
  }

  @Test
  @Covers("fault 44h")
  void aForgedTranslatedRequestOfADeviceWithoutATlbIsBlocked() {
    whole.forbid(ScalableContextEntry.DTE, ScalableContextEntry.PRE);
    assertThat(rogue.writeTranslated(PasidPrefix.NONE, page, 1))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(rogue.readTranslated(PasidPrefix.NONE, page))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertNothingCame();
    assertThat(reasons()).containsOnly(0x44);
    assertThat(whole.complex().blocked().count()).isEqualTo(2);
  }

  @Test
  @Covers({"wire translated-pasid-unsupported", "register ECAP.PTRS"})
  void aPasidOnATranslatedRequestStopsAtTheRootComplexOfAUnitThatKnowsNone() {
    RogueFunction other = new RogueFunction();
    SharedMemoryMachine plain =
        new SharedMemoryMachine(
            other, builder -> builder.without(Feature.PASID_IN_TRANSLATED_REQUESTS));
    plain.forbid(ScalableContextEntry.EPTR);
    plain.space(PASID);
    long target = plain.memory().page();
    assertThat(other.writeTranslated(PREFIX, target, 1)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(plain.machine().faults().take()).as("silent").isEmpty();
    assertThat(other.writeTranslated(PasidPrefix.NONE, target, 1)).isEqualTo(Completion.SUCCESS);
    assertThat(plain.memory().readLong(target)).isEqualTo(1);
  }

  @Test
  @Covers({"wire translated-interrupt", "fault 87h"})
  void aTranslatedWriteIsNoInterrupt() {
    assertThat(rogue.writeDoubleword(AddressType.TRANSLATED, PasidPrefix.NONE, INTERRUPTS, 0x31))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertNothingCame();
    assertThat(reasons()).containsExactly(0x87);
  }

  @Test
  @Covers("wire pasid-interrupt")
  void aWriteWithPasidIsNoInterrupt() {
    space.map(INTERRUPTS, page);
    assertThat(rogue.writeDoubleword(AddressType.UNTRANSLATED, PREFIX, INTERRUPTS, 0x31))
        .isEqualTo(Completion.SUCCESS);
    assertThat(memory.readLong(page)).isEqualTo(0x31);
    assertThat(machine.delivered().take()).isEmpty();
    assertThat(rogue.writeDoubleword(AddressType.UNTRANSLATED, PasidPrefix.NONE, INTERRUPTS, 0x32))
        .isEqualTo(Completion.SUCCESS);
    assertThat(machine.delivered().take()).hasSize(1);
  }

  @Test
  @Covers({"wire translation-request-off", "wire translated-off", "wire completion-off"})
  void withTranslationOffNothingButPlainRequestsPasses() {
    machine.registers().disable(Command.TE);
    assertThat(rogue.ask(PREFIX, IOVA)).isNegative();
    assertThat(rogue.writeTranslated(PasidPrefix.NONE, page, 1))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(rogue.complete(1)).isFalse();
    assertNothingCame();
    assertThat(reasons()).isEmpty();
    assertThat(errors()).isZero();
    assertThat(rogue.write(AddressType.UNTRANSLATED, PREFIX, page, 3))
        .as("its PASID is ignored")
        .isEqualTo(Completion.SUCCESS);
    assertThat(memory.readLong(page)).isEqualTo(3);
  }

  // Invalidations.

  @Test
  @Covers("register FSTS.ITE")
  void aDeviceThatNeverAnswersIsTimedOut() {
    rogue.onInvalidate(Manner.SILENT);
    long status = memory.page();
    machine
        .queue()
        .submit(
            Descriptor.pasidDeviceTlb(whole.sourceId(), PASID, IOVA),
            Descriptor.waitStatus(status, 1));
    assertThat(rogue.told()).hasSize(1);
    assertThat(errors()).isZero();
    machine.clock().advance(Duration.ofSeconds(60).toNanos());
    assertThat(errors()).isEqualTo(ITE);
    assertThat(memory.readInt(status)).isZero();
    machine.registers().write32(Offsets.FSTS, ITE);
    rogue.onInvalidate(Manner.FEIGNING);
    machine.queue().complete(Descriptor.deviceTlb(whole.sourceId(), IOVA));
    assertThat(errors()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Manner.class,
      names = {"WRONG_TAG", "TWICE"})
  @Covers("register FSTS.ICE")
  void anAnswerNobodyAskedForIsReportedAndTheQueueGoesOn(Manner manner) {
    rogue.onInvalidate(manner);
    machine.queue().complete(Descriptor.pasidDeviceTlb(whole.sourceId(), PASID, IOVA));
    assertThat(errors()).isEqualTo(ICE);
    assertThat((int) (machine.registers().read64(Offsets.IQERCD) >>> 48))
        .isEqualTo(whole.sourceId());
  }

  @Test
  @Covers("register FSTS.ICE")
  void anAnswerOutOfTheBlueIsReported() {
    assertThat(rogue.complete(-1)).isTrue();
    assertThat(errors()).isEqualTo(ICE);
  }

  /// What a device keeps to itself no invalidation takes from it: only the tables of the requester
  /// stop it.
  @Test
  void aDeviceThatFeignsIsStoppedByItsContext() {
    space.map(IOVA, page);
    long known = AtsEntry.page(rogue.ask(PREFIX, IOVA));
    space.unmap(IOVA);
    whole.forget(PASID, IOVA);
    assertThat(rogue.writeTranslated(PasidPrefix.NONE, known, 9)).isEqualTo(Completion.SUCCESS);
    assertThat(AtsEntry.completion(rogue.ask(PREFIX, IOVA))).isEqualTo(Completion.SUCCESS);
    assertThat(rogue.ask(PREFIX, IOVA) & (AtsEntry.R | AtsEntry.W)).isZero();
    whole.forbid(ScalableContextEntry.DTE, ScalableContextEntry.PRE);
    assertThat(rogue.writeTranslated(PasidPrefix.NONE, known, 10))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(memory.readLong(page)).isEqualTo(9);
  }

  // Page requests.

  @Test
  @Covers({"wire page-automatic-success", "register PRS.PRO"})
  void aFloodFillsTheQueueAndIsAnsweredFromThere() {
    rogue.flood(PREFIX, IOVA, 10_000);
    int room = 4096 / 32 - 1;
    assertThat(whole.pagesWaiting()).isEqualTo(room);
    assertThat(rogue.answers()).hasSize(10_000 - room);
    assertThat(rogue.answers()).allMatch(answer -> answer.code() == PageResponse.SUCCESS);
    assertThat(machine.registers().read32(Offsets.PRS) & 3).isEqualTo(3);
    for (int i = 0; i < room; i++) {
      assertThat(whole.takePage().address()).isEqualTo(IOVA + 4096L * i);
    }
    assertThat(reasons()).isEmpty();
  }

  @Test
  @Covers({"wire page-automatic-invalid", "fault 59h"})
  void requestsForAPasidThatIsNotThereAreRefused() {
    rogue.flood(PasidPrefix.of(PASID + 1), IOVA, 3);
    assertThat(rogue.answers()).hasSize(3);
    assertThat(rogue.answers()).allMatch(answer -> answer.code() == PageResponse.INVALID_REQUEST);
    assertThat(whole.pagesWaiting()).isZero();
    assertThat(reasons()).containsOnly(0x59);
  }

  @Test
  @Covers({"wire page-automatic-invalid", "fault 47h"})
  void requestsOfADeviceThatMayNotAskAreRefused() {
    whole.forbid(ScalableContextEntry.PRE);
    rogue.flood(PREFIX, IOVA, 1);
    assertThat(rogue.answers())
        .singleElement()
        .isEqualTo(new PageResponse(PREFIX, 0, PageResponse.INVALID_REQUEST));
    assertThat(reasons()).containsExactly(0x47);
  }
}
