package dev.portcullis.unit;

import static dev.portcullis.spec.register.FaultRegisters.FSTS;
import static dev.portcullis.spec.register.FaultRegisters.IQE;
import static dev.portcullis.spec.register.FaultRegisters.PFO;
import static dev.portcullis.spec.register.FaultRegisters.PPF;
import static dev.portcullis.unit.TestUnit.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.EventRegisters;
import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.QueueRegisters;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.unit.policy.FaultCollapse;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultLogTest {
  private TestUnit test = TestUnit.legacy();

  private void fault(int times) {
    for (int i = 0; i < times; i++) {
      test.unit.translate(SOURCE, 0x5000 + 0x1000L * i, Request.WRITE);
    }
  }

  private void ready() {
    test.attach(4);
    test.enable();
  }

  private void unmask() {
    test.write(EventRegisters.FAULT.address(), 0xfee0_0000L);
    test.write(EventRegisters.FAULT.data(), 0x30);
    test.write(EventRegisters.FAULT.control(), 0);
  }

  @ParameterizedTest
  @CsvSource({"WRITE, 0, 0, 5", "READ, 1, 0, 6", "ZERO_LENGTH_READ, 1, 0, 6", "ATOMIC, 1, 1, 5"})
  void aRecordSaysWhoWantedWhatWhereAndWhyNot(Request request, int t1, int t2, int reason) {
    ready();
    test.unit.translate(SOURCE, 0x1234_5678_9abcL, request);
    long high = test.faultHigh(0);
    assertThat(test.faultLow(0)).isEqualTo(0x1234_5678_9000L);
    assertThat(FaultRegisters.F.of(high)).isEqualTo(1);
    assertThat(FaultRegisters.SID.of(high)).isEqualTo(SOURCE);
    assertThat(FaultRegisters.FR.of(high)).isEqualTo(reason);
    assertThat(FaultRegisters.T1.of(high)).isEqualTo(t1);
    assertThat(FaultRegisters.T2.of(high)).isEqualTo(t2);
    assertThat(FaultRegisters.PP.of(high)).isZero();
  }

  @Test
  void recordedAddressesStopAtTheWidestTables() {
    ready();
    test.unit.translate(SOURCE, -4096, Request.READ);
    assertThat(test.faultLow(0)).isEqualTo(0xffff_ffff_f000L);
    assertThat(test.faultReason(0)).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 16, 17, 256})
  void aLogOfEverySizeFillsOverflowsAndEmpties(int records) {
    test = new TestUnit(UnitConfiguration.builder().faultRecords(records).build());
    ready();
    fault(records);
    assertThat(test.read(FSTS)).isEqualTo(PPF.mask());
    fault(1);
    assertThat(test.read(FSTS)).isEqualTo(PPF.mask() | PFO.mask());
    for (int i = 0; i < records; i++) {
      assertThat(test.faultReason(i)).isEqualTo(5);
      test.clearFault(i);
    }
    assertThat(test.read(FSTS)).isEqualTo(PFO.mask());
    fault(1);
    assertThat(test.faultReason(0)).as("overflow not seen to").isZero();
    test.write(FSTS, PFO.mask());
    fault(1);
    assertThat(test.faultReason(0)).isEqualTo(5);
  }

  @Test
  void theIndexOfABurstIsWhereItsFirstRecordWent() {
    ready();
    fault(3);
    test.clearFault(0);
    test.clearFault(1);
    test.clearFault(2);
    fault(1);
    assertThat(FaultRegisters.FRI.of(test.read(FSTS))).isEqualTo(3);
    assertThat(test.faultReason(3)).isEqualTo(5);
  }

  @Test
  void recordingStartsOverWhenTranslationIsSwitchedOff() {
    ready();
    fault(1);
    test.clearFault(0);
    test.command(0, GlobalRegisters.TE.mask());
    test.command(GlobalRegisters.TE.mask(), 0);
    fault(1);
    assertThat(test.faultReason(0)).isEqualTo(5);
  }

  @Test
  void oneMessageGoesOutForABurst() {
    ready();
    unmask();
    fault(3);
    assertThat(test.messages).containsExactly(new TestUnit.Message(0xfee0_0000L, 0x30));
    for (int i = 0; i < 3; i++) {
      test.clearFault(i);
    }
    fault(1);
    assertThat(test.messages).hasSize(2);
  }

  @Test
  void aMaskedEventWaitsForItsMask() {
    ready();
    fault(1);
    assertThat(test.read(EventRegisters.FAULT.control())).isEqualTo(0xc000_0000L);
    unmask();
    assertThat(test.messages).hasSize(1);
    assertThat(test.read(EventRegisters.FAULT.control())).isZero();
  }

  @Test
  void aMaskedEventIsVoidWhenSoftwareHasSeenToEverything() {
    ready();
    fault(1);
    test.clearFault(0);
    assertThat(test.read(EventRegisters.FAULT.control())).isEqualTo(0x8000_0000L);
    unmask();
    assertThat(test.messages).isEmpty();
  }

  @Test
  void aFaultBehindAnUnseenQueueErrorRaisesNoEvent() {
    ready();
    unmask();
    test.enableQueue();
    test.write(QueueRegisters.IQT, 16);
    assertThat(test.read(FSTS)).isEqualTo(IQE.mask());
    assertThat(test.messages).hasSize(1);
    fault(1);
    assertThat(test.read(FSTS)).isEqualTo(IQE.mask() | PPF.mask());
    assertThat(test.messages).hasSize(1);
  }

  @Test
  void aCollapsingLogKeepsOneRecordForEachRequester() {
    test =
        new TestUnit(
            UnitConfiguration.builder().faultCollapse(FaultCollapse.PER_REQUESTER).build());
    ready();
    fault(4);
    test.unit.translate(SOURCE + 1, 0x5000, Request.WRITE);
    assertThat(test.faultReason(1)).isEqualTo(2);
    assertThat(test.faultReason(2)).isZero();
    test.clearFault(0);
    fault(1);
    assertThat(test.faultReason(2)).isEqualTo(5);
  }

  @Test
  void aRequesterWhoseFaultsAreDisabledLeavesNoRecord() {
    ContextEntry entry = ContextEntry.present(ContextEntry.TT_SECOND_STAGE, 0x8000, 4, 1);
    test.context(SOURCE, new ContextEntry(entry.lo() | ContextEntry.FPD.mask(), entry.hi()));
    test.enable();
    fault(1);
    assertThat(test.faultReason(0)).isZero();
    test.context(SOURCE, new ContextEntry(ContextEntry.FPD.mask(), 0));
    assertThat(test.unit.translate(SOURCE, 0, Request.READ)).isNegative();
    assertThat(test.unit.statistics().faults()).containsEntry(FaultReason.WRITE_NOT_PERMITTED, 1L);
  }

  @Test
  void whatTheTablesHaveWrongIsSaidInTheOrderTheyAreRead() {
    test.enable();
    assertRefused(FaultReason.ROOT_NOT_PRESENT);
    test.store(TestUnit.ROOT + 16, 0x2001 | 2, 0);
    assertRefused(FaultReason.ROOT_RESERVED_BITS);
    test.root(SOURCE, 0x3f_0000_0000L);
    assertRefused(FaultReason.CONTEXT_FETCH_FAILED);
    test.context(SOURCE, new ContextEntry(0, 0));
    assertRefused(FaultReason.CONTEXT_NOT_PRESENT);
    test.context(SOURCE, new ContextEntry(1 | 0x10, 2));
    assertRefused(FaultReason.CONTEXT_RESERVED_BITS);
    test.context(SOURCE, new ContextEntry(1, 7));
    assertRefused(FaultReason.CONTEXT_INVALID);
    test.context(SOURCE, new ContextEntry(1 | 0xc, 2));
    assertRefused(FaultReason.CONTEXT_INVALID);
    test.context(SOURCE, new ContextEntry(1 | 0x3f_0000_0000L, 2));
    assertRefused(FaultReason.CONTEXT_INVALID);
    test.write(GlobalRegisters.RTADDR, 0x3f_0000_0000L);
    test.command(GlobalRegisters.SRTP.mask(), 0);
    test.unit.translate(SOURCE + 8, 0x5000, Request.WRITE);
    assertThat(test.faultReason(0)).isEqualTo(FaultReason.ROOT_FETCH_FAILED.code());
  }

  private void assertRefused(FaultReason reason) {
    assertThat(test.unit.translate(SOURCE, 0x5000, Request.WRITE)).isNegative();
    assertThat(test.faultReason(0)).as(reason.description()).isEqualTo(reason.code());
    test.clearFault(0);
    test.command(0, GlobalRegisters.TE.mask());
    test.command(GlobalRegisters.TE.mask(), 0);
  }
}
