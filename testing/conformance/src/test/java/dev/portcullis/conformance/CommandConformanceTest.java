package dev.portcullis.conformance;

import static dev.portcullis.conformance.Scenario.IOVA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Await;
import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.kit.table.Root;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Commands written to GCMD, and what GSTS says of them.
class CommandConformanceTest {
  private final TestMachine machine = TestMachine.withUnit();
  private final Registers registers = machine.registers();
  private final TestDevice device = machine.device("00:03.0");

  @Test
  @Covers({"register GCMD.TE", "register GSTS.TES"})
  void withoutTranslationEveryAddressIsTakenAsItIs() {
    for (long iova : new long[] {0, IOVA, 1L << 45, 1L << 62}) {
      for (Request request : Request.values()) {
        assertThat(device.request(request, iova)).isEqualTo(Outcome.at(iova));
      }
    }
    assertThat(machine.faults().isPending()).isFalse();
  }

  @Test
  @Covers({"register GCMD.TE", "register GSTS.TES"})
  void translationIsTurnedOnAndOffByItsLevelBit() {
    long page = machine.page();
    device.map(IOVA, page);
    registers.setRootTable(machine.rootTable());
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(IOVA));
    registers.enable(Command.TE);
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(page));
    registers.disable(Command.TE);
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(IOVA));
    registers.enable(Command.TE);
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(page));
  }

  @Test
  @Covers({"register GCMD.SRTP", "register GSTS.RTPS", "register RTADDR.RTA"})
  void theRootTableIsTakenByTheCommandAndNotByTheRegister() {
    long page = machine.page();
    device.map(IOVA, page);
    machine.translating();
    registers.write64(Offsets.RTADDR, machine.page());
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(page));
    registers.command(Command.SRTP);
    Expect.of(machine, machine.device("00:04.0"), Request.READ, IOVA).fault(0x01);
  }

  @Test
  @Covers({"register GCMD.SRTP", "register GSTS.RTPS"})
  void theRootPointerStatusStaysSetAndIsNoCommand() {
    assertThat(registers.isOn(Command.SRTP)).isFalse();
    registers.setRootTable(machine.rootTable());
    registers.write32(Offsets.GCMD, 0);
    assertThat(registers.isOn(Command.SRTP)).isTrue();
  }

  @Test
  @Covers("register GCMD.TE")
  void aLevelBitLeftOutOfAWriteIsTurnedOff() {
    machine.translating();
    registers.write32(Offsets.GCMD, Command.SRTP);
    assertThat(registers.status()).isEqualTo(Command.SRTP);
  }

  @Test
  void aLevelBitWrittenAgainChangesNothing() {
    device.map(IOVA, machine.page());
    machine.translating();
    machine.queue().complete();
    long head = machine.queue().head();
    registers.write32(Offsets.GCMD, Command.TE | Command.QIE);
    assertThat(registers.status()).isEqualTo(Command.TE | Command.SRTP | Command.QIE);
    assertThat(machine.queue().head()).isEqualTo(head);
  }

  @Test
  void severalChangesInOneWriteAreCarriedOutRootPointerFirst() {
    long page = machine.page();
    device.map(IOVA, page);
    registers.write64(Offsets.RTADDR, machine.rootTable());
    registers.write64(Offsets.IQA, machine.queue().base());
    registers.write32(Offsets.GCMD, Command.TE | Command.SRTP | Command.QIE);
    assertThat(registers.status()).isEqualTo(Command.TE | Command.SRTP | Command.QIE);
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(page));
    machine.queue().complete();
  }

  @Test
  void translationBeforeAnyRootPointerUsesTheRegistersResetValue() {
    registers.enable(Command.TE);
    // Nobody put a root table at 0.
    Expect.of(machine, device, Request.READ, IOVA).fault(0x01);
    machine.memory().writeLong(0, Root.of(machine.page()).lo());
    Expect.of(machine, device, Request.READ, IOVA).fault(0x02);
  }

  @Test
  @Covers({
    "register GCMD.IRE",
    "register GSTS.IRES",
    "register GCMD.SIRTP",
    "register GSTS.IRTPS",
    "register GCMD.CFI",
    "register GSTS.CFIS",
    "register ECAP.IR"
  })
  void interruptCommandsDoNothingWithoutInterruptRemapping() {
    registers.write32(Offsets.GCMD, Command.SIRTP | Command.IRE | Command.CFI);
    assertThat(registers.status()).isZero();
  }

  @Test
  @Covers({"register GCMD.QIE", "register GSTS.QIES", "register ECAP.QI"})
  void theQueueCannotBeTurnedOnWhereThereIsNone() {
    TestMachine plain =
        TestMachine.withUnit(builder -> builder.without(Feature.QUEUED_INVALIDATION));
    plain.registers().write32(Offsets.GCMD, Command.QIE);
    assertThat(plain.registers().status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers({"register GCMD.WBF", "register GSTS.WBFS", "register CAP.RWBF"})
  void aWriteBufferFlushIsOverWhenItsStatusIsClear(boolean needed) {
    TestMachine flushing =
        TestMachine.withUnit(builder ->
            needed
                ? builder.with(Feature.WRITE_BUFFER_FLUSH)
                : builder.without(Feature.WRITE_BUFFER_FLUSH));
    flushing.registers().write32(Offsets.GCMD, Command.WBF);
    Await.until("flushed", () -> !flushing.registers().isOn(Command.WBF));
    assertThat(flushing.registers().status()).isZero();
  }

  @Test
  void reservedCommandBitsDoNothing() {
    registers.write32(Offsets.GCMD, 0x007f_ffff);
    assertThat(registers.status()).isZero();
    registers.write32(Offsets.GCMD, 1L << 29 | 1L << 28);
    assertThat(registers.status()).isZero();
  }

  @Test
  @Covers("register RTADDR.TTM")
  void anUnknownTranslationTableModeIsTakenAndShowsAsFaults() {
    for (long mode = 1; mode <= 3; mode++) {
      registers.setRootTable(machine.rootTable() | mode << 10);
      assertThat(registers.read64(Offsets.RTADDR)).isEqualTo(machine.rootTable() | mode << 10);
      registers.enable(Command.TE);
      Expect.of(machine, device, Request.READ, IOVA).fault(0x30);
      registers.disable(Command.TE);
    }
  }

  @Test
  @Covers("register CAP.ESRTPS")
  void aRootPointerTakenTheOldWayLeavesTheCachesAlone() {
    long page = machine.page();
    device.map(IOVA, page);
    machine.translating();
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(page));
    registers.setRootTable(machine.page());
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(page));
    machine.invalidate().everything();
    Expect.of(machine, device, Request.READ, IOVA).fault(0x01);
  }

  @Test
  @Covers("register CAP.ESRTPS")
  void aRootPointerTakenTheEnhancedWayEmptiesTheCaches() {
    TestMachine enhanced =
        TestMachine.withUnit(builder -> builder.with(Feature.ENHANCED_SET_ROOT_TABLE_POINTER))
            .translating();
    TestDevice other = enhanced.device("00:03.0").map(IOVA, enhanced.page());
    assertThat(other.read(IOVA).completion().isSuccess()).isTrue();
    enhanced.registers().setRootTable(enhanced.page());
    Expect.of(enhanced, other, Request.READ, IOVA).fault(0x01);
  }

  @Test
  void resetTurnsEverythingOff() {
    device.map(IOVA, machine.page());
    machine.translating();
    Expect.of(machine, device, Request.READ, 0).fault(0x06);
    device.read(0);
    machine.unit().reset();
    assertThat(registers.status()).isZero();
    assertThat(registers.read32(Offsets.FSTS)).isZero();
    assertThat(registers.read64(Offsets.RTADDR)).isZero();
    assertThat(machine.faults().isFilled(0)).isFalse();
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(IOVA));
  }
}
