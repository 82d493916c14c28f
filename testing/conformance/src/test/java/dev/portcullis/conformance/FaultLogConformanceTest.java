package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.fault.FaultLog;
import dev.portcullis.kit.fault.FaultRecord;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.unit.policy.FaultCollapse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The fault log: a ring of records, its status, its overflow.
class FaultLogConformanceTest {
  private final TestMachine machine = machine(8, FaultCollapse.NONE);
  private final FaultLog log = machine.faults();

  private static TestMachine machine(int records, FaultCollapse collapse) {
    return TestMachine.withUnit(builder -> builder.faultRecords(records).faultCollapse(collapse))
        .translating();
  }

  /// Device number `n` asks for something at page `n`, in vain.
  private static void fault(TestMachine machine, int n) {
    machine.device(n).read((long) n << 12);
  }

  private void faults(int from, int to) {
    for (int n = from; n <= to; n++) {
      fault(machine, n);
    }
  }

  private void assertRecord(int index, int n) {
    assertThat(log.isFilled(index)).isTrue();
    assertThat(log.record(index))
        .isEqualTo(new FaultRecord(0x01, n, (long) n << 12, FaultRecord.Type.READ));
  }

  @Test
  @Covers({"register FSTS.PPF", "register FSTS.FRI", "register FRCD.F"})
  void faultsAreRecordedOneAfterAnotherFromTheFirstRecordOn() {
    faults(1, 3);
    assertThat(log.isPending()).isTrue();
    assertThat(log.first()).isZero();
    assertRecord(0, 1);
    assertRecord(1, 2);
    assertRecord(2, 3);
    assertThat(log.isFilled(3)).isFalse();
    assertThat(log.isOverflown()).isFalse();
  }

  @Test
  @Covers("register FRCD.F")
  void clearingARecordFreesItAndKeepsItsContent() {
    faults(1, 1);
    FaultRecord record = log.record(0);
    log.clear(0);
    assertThat(log.isFilled(0)).isFalse();
    assertThat(log.isPending()).isFalse();
    assertThat(log.record(0)).isEqualTo(record);
  }

  @Test
  @Covers({"register FRCD.F", "register FSTS.PPF"})
  void recordsArePendingUntilTheLastIsCleared() {
    faults(1, 3);
    log.clear(1);
    assertThat(log.isPending()).isTrue();
    log.clear(0);
    assertThat(log.isPending()).isTrue();
    log.clear(2);
    assertThat(log.isPending()).isFalse();
  }

  @Test
  @Covers("register FSTS.FRI")
  void theNextBurstBeginsWhereTheLastEnded() {
    faults(1, 3);
    assertThat(log.take()).hasSize(3);
    faults(4, 5);
    assertThat(log.first()).isEqualTo(3);
    assertRecord(3, 4);
    assertRecord(4, 5);
  }

  @Test
  @Covers("register FSTS.FRI")
  void theFirstRecordOfABurstIsNamedEvenWhenItIsClearedBeforeTheOthers() {
    faults(1, 3);
    log.clear(0);
    assertThat(log.first()).isZero();
    faults(4, 4);
    assertThat(log.first()).isZero();
    assertRecord(3, 4);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 16, 17, 100, 255, 256})
  @Covers({"register CAP.NFR", "register CAP.FRO", "register FSTS.PFO"})
  void aFullLogOverflowsAndGoesRoundWhenItIsEmptied(int records) {
    TestMachine sized = machine(records, FaultCollapse.NONE);
    FaultLog ring = sized.faults();
    assertThat(sized.facts().faultRecords()).isEqualTo(records);
    for (int n = 1; n <= records; n++) {
      assertThat(ring.isOverflown()).isFalse();
      fault(sized, n);
    }
    assertThat(ring.isOverflown()).isFalse();
    fault(sized, 500);
    assertThat(ring.isOverflown()).isTrue();
    assertThat(ring.take()).hasSize(records).extracting(FaultRecord::sourceId).doesNotContain(500);
    fault(sized, 501);
    assertThat(ring.first()).isZero();
    assertThat(ring.take()).hasSize(1);
    fault(sized, 502);
    assertThat(ring.first()).isEqualTo(1 % records);
    assertThat(ring.take()).extracting(FaultRecord::sourceId).containsExactly(502);
  }

  @Test
  @Covers("register FSTS.PFO")
  void nothingIsRecordedFromTheOverflowUntilItIsCleared() {
    faults(1, 9);
    assertThat(log.isOverflown()).isTrue();
    for (int index = 0; index < 8; index++) {
      log.clear(index);
    }
    assertThat(log.status() & FaultLog.PPF).isZero();
    faults(10, 10);
    assertThat(log.isPending()).isFalse();
    log.clearStatus(FaultLog.PFO);
    assertThat(log.isOverflown()).isFalse();
    faults(11, 11);
    assertThat(log.first()).isZero();
    assertRecord(0, 11);
  }

  @Test
  void aFreedRecordInTheMiddleIsNotUsedBeforeItsTurn() {
    faults(1, 8);
    log.clear(3);
    faults(9, 9);
    assertThat(log.isOverflown()).isTrue();
    assertThat(log.isFilled(3)).isFalse();
    assertRecord(0, 1);
  }

  @Test
  @Covers({"register FSTS.PFO", "register FSTS.PPF", "register FSTS.FRI"})
  void onlyTheOverflowOfTheStatusIsClearedByWritingIt() {
    faults(1, 9);
    long before = log.status();
    log.clearStatus(0);
    assertThat(log.status()).isEqualTo(before);
    log.clearStatus(0xffff_ff00L | FaultLog.PPF);
    assertThat(log.status()).isEqualTo(before);
    log.clearStatus(FaultLog.PFO);
    assertThat(log.status()).isEqualTo(before & ~FaultLog.PFO);
  }

  @ParameterizedTest
  @CsvSource({"0,4", "4,4", "8,4", "0,8", "12,1", "12,2"})
  @Covers("register FRCD.F")
  void onlyTheTopBitOfARecordCanBeWritten(int offset, int width) {
    faults(1, 1);
    int at = machine.registers().faultRecord(0);
    machine.registers().write(at + offset, width, -1);
    assertRecord(0, 1);
    machine.registers().write32(at + 12, 0x7fff_ffff);
    assertRecord(0, 1);
  }

  @ParameterizedTest
  @CsvSource({"8,8", "12,4", "14,2", "15,1"})
  @Covers("register FRCD.F")
  void theTopBitOfARecordIsClearedByAnyWriteThatReachesIt(int offset, int width) {
    faults(1, 1);
    int at = machine.registers().faultRecord(0);
    machine.registers().write(at + offset, width, 1L << 8 * width - 1);
    assertThat(log.isFilled(0)).isFalse();
    assertThat(log.isPending()).isFalse();
  }

  @Test
  void aRecordReadsTheSameInDoublewords() {
    faults(1, 1);
    int at = machine.registers().faultRecord(0);
    long lo = machine.registers().read32(at) | machine.registers().read32(at + 4) << 32;
    long hi = machine.registers().read32(at + 8) | machine.registers().read32(at + 12) << 32;
    assertThat(lo).isEqualTo(machine.registers().read64(at));
    assertThat(hi).isEqualTo(machine.registers().read64(at + 8));
  }

  @Test
  @Covers("register FRCD.FI")
  void aRecordHoldsThePageAndNotTheByte() {
    machine.device(7).write(0x1234_5678);
    assertThat(log.record(0).page()).isEqualTo(0x1234_5000);
    assertThat(machine.registers().read64(machine.registers().faultRecord(0)) & 0xfff).isZero();
  }

  @Test
  @Covers("register FRCD.FI")
  void addressBitsBeyondTheDeepestTablesAreNotRecorded() {
    machine.device(7).write(-4096L);
    assertThat(log.record(0).page()).isEqualTo((1L << 48) - 4096);
  }

  @Test
  @Covers("register FSTS.FRI")
  void withTranslationOffTheLogStartsOverAtItsFirstRecord() {
    faults(1, 3);
    assertThat(log.take()).hasSize(3);
    machine.registers().disable(Command.TE);
    machine.registers().enable(Command.TE);
    faults(4, 4);
    assertThat(log.first()).isZero();
    assertRecord(0, 4);
  }

  @Test
  void oneRequesterMayFillTheLogUnlessItsFaultsAreCollapsed() {
    for (int n = 0; n < 3; n++) {
      fault(machine, 1);
    }
    assertThat(log.take()).hasSize(3);

    TestMachine collapsing = machine(8, FaultCollapse.PER_REQUESTER);
    for (int n = 0; n < 20; n++) {
      fault(collapsing, 1);
      fault(collapsing, 2);
    }
    assertThat(collapsing.faults().isOverflown()).isFalse();
    assertThat(collapsing.faults().take()).extracting(FaultRecord::sourceId).containsExactly(1, 2);
    fault(collapsing, 1);
    assertThat(collapsing.faults().take()).hasSize(1);
  }

  @Test
  void aRecordClearedUnderCollapseLetsTheNextFaultOfThatRequesterIn() {
    TestMachine collapsing = machine(8, FaultCollapse.PER_REQUESTER);
    fault(collapsing, 1);
    fault(collapsing, 2);
    collapsing.faults().clear(0);
    fault(collapsing, 1);
    fault(collapsing, 2);
    assertThat(collapsing.faults().isFilled(2)).isTrue();
    assertThat(collapsing.faults().record(2).sourceId()).isEqualTo(1);
    assertThat(collapsing.faults().isFilled(3)).isFalse();
  }

  @Test
  void theLogIsFoundWhereTheUnitSaysItIs() {
    TestMachine moved =
        TestMachine.withUnit(builder -> builder.faultRecordOffset(0x220)).translating();
    assertThat(moved.registers().faultRecord(0)).isEqualTo(0x220);
    TestDevice device = moved.device(9);
    device.read(0x5000);
    assertThat(moved.faults().take()).hasSize(1);
    assertThat(moved.registers().read64(Offsets.CAP) >>> 24 & 0x3ff).isEqualTo(0x22);
  }
}
