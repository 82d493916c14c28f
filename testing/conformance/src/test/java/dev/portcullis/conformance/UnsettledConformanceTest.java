package dev.portcullis.conformance;

import static dev.portcullis.conformance.ScalableFixture.EXECUTE;
import static dev.portcullis.conformance.ScalableFixture.IOVA;
import static dev.portcullis.conformance.ScalableFixture.PLAIN;
import static dev.portcullis.conformance.ScalableFixture.SOURCE;
import static dev.portcullis.conformance.ScalableFixture.WITH_PASID;
import static dev.portcullis.conformance.ScalableFixture.completion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.request.Request;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the architecture leaves open about scalable mode and registers, and what is done here: see
/// `docs/spec/errata.md`.
class UnsettledConformanceTest {
  private static final long DTE = 1 << 2;
  private static final long PASIDE = 1 << 3;
  private static final long PRE = 1 << 4;
  private static final long EPTR = 1 << 6;
  private static final long SCALABLE = 1 << 10;
  private static final long IO_RIGHTS = 1 << 7;
  private static final long WRITTEN = 1 << 6;
  private static final long BEYOND_HOST = 1L << 50;

  private static int prefix(int pasid) {
    return PasidPrefix.of(pasid);
  }

  private static int reasonOf(ScalableFixture fixture, int prefix) {
    fixture.start().untranslated(prefix, Request.READ);
    return fixture.reason();
  }

  private static void reachesThePage(ScalableFixture fixture, int prefix) {
    assertThat(fixture.start().untranslated(prefix, Request.READ)).isEqualTo(fixture.page);
  }

  @Test
  void reasonsWithoutAMeaningDoNotExist() {
    assertThat(FaultReason.of(0x88)).isEmpty();
    assertThat(IntStream.rangeClosed(0x0f, 0x1f))
        .allSatisfy(code -> assertThat(FaultReason.of(code)).isEmpty());
  }

  @Test
  void deviceTlbsThatAreNotAllowedComeBeforePasidsThatAreNot() {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    fixture.clear(fixture.context, DTE | PASIDE | PRE);
    fixture.start().translation(WITH_PASID, IOVA);
    assertThat(fixture.reason()).isEqualTo(0x44);
  }

  @Test
  void pageRequestsThatAreNotAllowedComeBeforePasidsThatAreNot() {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    fixture.clear(fixture.context, PASIDE | PRE);
    fixture.start();
    fixture.machine.unit().requestPage(SOURCE, ScalableFunction.request(WITH_PASID, IOVA, 1));
    assertThat(fixture.reason()).isEqualTo(0x47);
  }

  @Test
  void pasidsThatAreNotAllowedComeBeforeThoseThatAreTooWide() {
    ScalableFixture fixture = new ScalableFixture(b -> b.pasidBits(9));
    fixture.clear(fixture.context, PASIDE);
    assertThat(reasonOf(fixture, prefix(1 << 9))).isEqualTo(0x45);
  }

  @Test
  void pasidsOfTranslatedRequestsThatAreNotAllowedComeBeforeThoseThatAreTooWide() {
    ScalableFixture fixture = new ScalableFixture(b -> b.pasidBits(9));
    fixture.clear(fixture.context, EPTR);
    fixture.start().translated(prefix(1 << 9), 0x5000, Request.READ);
    assertThat(fixture.reason()).isEqualTo(0x49);
  }

  @Test
  void pasidsWiderThanTheUnitsComeBeforeThoseBeyondTheDirectory() {
    assertThat(reasonOf(new ScalableFixture(b -> b.pasidBits(9)), prefix(1 << 13))).isEqualTo(0x89);
    assertThat(reasonOf(new ScalableFixture(b -> b), prefix(1 << 13))).isEqualTo(0x46);
  }

  @Test
  @Covers("fault 34h")
  void aRequestToExecuteIsRefusedBeforeItsPasidInLegacyMode() {
    ScalableFixture fixture = new ScalableFixture(b -> b.version(8, 0)).start(0);
    fixture.untranslated(EXECUTE, Request.READ);
    assertThat(fixture.reason()).isEqualTo(0x34);
  }

  @Test
  @Covers("fault 3Ah")
  void theHalfOfARootEntryThatIsNotUsedIsNotLookedAt() {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    fixture.set(fixture.root + 8, BEYOND_HOST | 0xfff);
    reachesThePage(fixture, WITH_PASID);
  }

  @Test
  void aPageIsMarkedDirtyOnlyIfItMayBeWrittenInTheEnd() {
    ScalableFixture refused = new ScalableFixture(b -> b).nested();
    refused.clear(refused.second.entry(refused.page, 1), 2);
    refused.start().untranslated(WITH_PASID, Request.WRITE);
    assertThat(refused.reason()).isEqualTo(0x85);
    long leaf = refused.first.entry(IOVA, 1);
    assertThat(refused.memory.readLong(leaf) & WRITTEN).isZero();

    ScalableFixture allowed = new ScalableFixture(b -> b).nested().start();
    assertThat(allowed.untranslated(WITH_PASID, Request.WRITE)).isEqualTo(allowed.page);
    assertThat(allowed.memory.readLong(allowed.first.entry(IOVA, 1)) & WRITTEN).isNotZero();
  }

  @Test
  void anAddressWidthOfAnEntryThatHasNoSecondStageIsTaken() {
    ScalableFixture fixture =
        new ScalableFixture(b ->
            b.without(
                Feature.SECOND_STAGE,
                Feature.SECOND_STAGE_ACCESSED_DIRTY,
                Feature.SECOND_STAGE_IO_RIGHTS,
                Feature.NESTED_TRANSLATION));
    fixture.set(fixture.entry(WITH_PASID, 0), 2 << 2);
    reachesThePage(fixture, WITH_PASID);
  }

  @Test
  void snoopedWalksAreTakenOfAUnitThatCannotSnoopThem() {
    ScalableFixture fixture =
        new ScalableFixture(b ->
            b.without(
                Feature.SCALABLE_WALK_COHERENCY,
                Feature.SECOND_STAGE_ACCESSED_DIRTY,
                Feature.EXTENDED_ACCESSED_FLAG));
    assertThat(fixture.memory.readLong(fixture.entry(WITH_PASID, 1)) >>> 23 & 1).isOne();
    reachesThePage(fixture, WITH_PASID);
  }

  @Test
  void thePointerToSecondStageTablesOfAnEntryWithoutThemIsIgnored() {
    ScalableFixture first = new ScalableFixture(b -> b);
    first.set(first.entry(WITH_PASID, 0), BEYOND_HOST);
    reachesThePage(first, WITH_PASID);

    ScalableFixture none = new ScalableFixture(b -> b).passThrough();
    none.set(none.entry(PLAIN, 0), BEYOND_HOST);
    assertThat(none.start().untranslated(PLAIN, 0x5000, Request.READ)).isEqualTo(0x5000);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void thePagingModeOfAnEntryWithoutFirstStageIsIgnored(int mode) {
    ScalableFixture second = new ScalableFixture(b -> b).secondStage();
    second.set(second.entry(WITH_PASID, 2), (long) mode << 2);
    reachesThePage(second, WITH_PASID);

    ScalableFixture none = new ScalableFixture(b -> b).passThrough();
    none.set(none.entry(PLAIN, 2), (long) mode << 2);
    assertThat(none.start().untranslated(PLAIN, 0x5000, Request.READ)).isEqualTo(0x5000);
  }

  @Test
  void aDomainIsCheckedWhateverTheEntryIsFor() {
    ScalableFixture none = new ScalableFixture(b -> b.domainIdBits(8)).passThrough();
    none.set(none.entry(PLAIN, 1), 1 << 8);
    assertThat(reasonOf(none, PLAIN)).isEqualTo(0x5a);
  }

  @Test
  @Covers({"register ECAP.SSIRWS", "register RTADDR.SSIRWE"})
  void whereDevicesHaveRightsOfTheirOwnTheProcessorsDoNotCount() {
    ScalableFixture without = new ScalableFixture(b -> b).secondStage();
    without.start(SCALABLE | IO_RIGHTS).untranslated(WITH_PASID, Request.READ);
    assertThat(without.reason()).isEqualTo(0x79);

    ScalableFixture with = new ScalableFixture(b -> b).secondStage();
    for (int level = 1; level <= 4; level++) {
      with.clear(with.second.entry(IOVA, level), 3);
      with.set(with.second.entry(IOVA, level), 3L << 61);
    }
    assertThat(with.start(SCALABLE | IO_RIGHTS).untranslated(WITH_PASID, Request.WRITE))
        .isEqualTo(with.page);
  }

  @Test
  @Covers({"register ECAP.SSIRWS", "fault 79h"})
  void rightsOfDevicesAloneMakeNoEntryPresentWhereTheyDoNotCount() {
    ScalableFixture fixture = new ScalableFixture(b -> b).secondStage();
    fixture.clear(fixture.second.entry(IOVA, 1), 3);
    fixture.set(fixture.second.entry(IOVA, 1), 1L << 61);
    assertThat(fixture.start().untranslated(WITH_PASID, Request.READ)).isNegative();
    assertThat(fixture.reason()).isEqualTo(0x79);
  }

  @Test
  @Covers({"register FSTS.FRI", "register IQERCD.IQEI"})
  void whatAStatusNamedIsKeptWhenItIsCleared() {
    TestMachine machine = TestMachine.withUnit().translating();
    Registers registers = machine.registers();
    machine.device(1).read(0);
    registers.write32(registers.faultRecord(0) + 12, 1L << 31);
    machine.device(1).read(0);
    assertThat(registers.read32(Offsets.FSTS)).isEqualTo(1 << 8 | 1 << 1);
    registers.write32(registers.faultRecord(1) + 12, 1L << 31);
    assertThat(registers.read32(Offsets.FSTS)).isEqualTo(1 << 8);

    machine.queue().submit(new Descriptor(0xf, 0));
    assertThat(machine.queue().error()).isEqualTo(3);
    machine.queue().put(machine.queue().head(), Descriptor.plainWait());
    registers.write32(Offsets.FSTS, 1 << 4);
    assertThat(registers.read32(Offsets.FSTS) & 1 << 4).isZero();
    assertThat(registers.read64(Offsets.IQERCD) & 0xf).isEqualTo(3);
  }

  @Test
  @Covers("register PRS.PRO")
  void anOverflowOfPageRequestsIsNoFault() {
    ScalableFixture fixture = new ScalableFixture(b -> b).start();
    fixture.registers.write64(Offsets.PQA, GuestMemory.HOLE);
    PageRequest request = ScalableFunction.request(WITH_PASID, IOVA, 1);
    fixture.machine.unit().requestPage(SOURCE, request);
    assertThat(fixture.registers.read32(Offsets.PRS)).isEqualTo(1 << 1);
    assertThat(fixture.registers.read32(Offsets.FSTS)).isZero();
  }

  @Test
  @Covers("fault 87h")
  void whatPassesThroughWithAPasidMayNotBeTranslatedIntoTheInterruptRange() {
    ScalableFixture fixture = new ScalableFixture(b -> b).passThrough().start();
    assertThat(completion(fixture.translation(WITH_PASID, 0xfee0_0000L)))
        .isEqualTo(Completion.COMPLETER_ABORT);
    assertThat(fixture.reason()).isEqualTo(0x87);
    assertThat(fixture.translation(PLAIN, 0xfee0_0000L))
        .as("without: a place to write")
        .isPositive();
  }
}
