package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.conformance.RegisterTable.Row;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.spec.register.Feature;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What every register holds after power-on and takes from software, by any access width.
class RegisterConformanceTest {
  private static final int RDTC = 0xdc0;

  private final Registers registers =
      TestMachine.withUnit(builder -> builder.with(RegisterTable.everything())).registers();

  static Stream<Row> plain() {
    return RegisterTable.plain().stream();
  }

  static Stream<Row> constant() {
    return RegisterTable.constant().stream();
  }

  static Stream<Row> ofTheQueue() {
    return RegisterTable.ofTheQueue();
  }

  static Stream<Integer> holes() {
    return RegisterTable.holes();
  }

  @ParameterizedTest
  @MethodSource({"plain", "constant"})
  void aRegisterHoldsItsResetValueAfterPowerOn(Row row) {
    assertThat(RegisterTable.read(registers, row)).isEqualTo(row.reset());
  }

  @ParameterizedTest
  @MethodSource("plain")
  @Covers({
    "register RTADDR.RTA",
    "register RTADDR.TTM",
    "register RTADDR.SSIRWE",
    "register FECTL.IM",
    "register FEDATA.IMD",
    "register FEADDR.MA",
    "register IQT.QT",
    "register IQA.IQA",
    "register IQA.DW",
    "register IQA.QS",
    "register IECTL.IM",
    "register IEDATA.IMD",
    "register IEADDR.MA"
  })
  void aRegisterTakesExactlyItsWritableBits(Row row) {
    RegisterTable.write(registers, row, -1);
    assertThat(RegisterTable.read(registers, row)).isEqualTo(row.writable());
    RegisterTable.write(registers, row, 0);
    assertThat(RegisterTable.read(registers, row)).isZero();
    RegisterTable.write(registers, row, 0x5555_5555_5555_5555L);
    assertThat(RegisterTable.read(registers, row))
        .isEqualTo(row.writable() & 0x5555_5555_5555_5555L);
  }

  @ParameterizedTest
  @MethodSource("constant")
  @Covers({
    "register FSTS.ITE",
    "register FSTS.ICE",
    "register FEUADDR.MUA",
    "register IEUADDR.MUA",
    "register IQERCD.ITESID",
    "register IQERCD.ICESID"
  })
  void aReadOnlyOrReservedRegisterTakesNothing(Row row) {
    RegisterTable.write(registers, row, -1);
    assertThat(RegisterTable.read(registers, row)).isEqualTo(row.reset());
  }

  @ParameterizedTest
  @MethodSource("ofTheQueue")
  @Covers("register ECAP.QI")
  void withoutAQueueItsRegistersAreReserved(Row row) {
    Registers plain =
        TestMachine.withUnit(builder -> builder.without(Feature.QUEUED_INVALIDATION)).registers();
    RegisterTable.write(plain, row, -1);
    assertThat(RegisterTable.read(plain, row)).isZero();
  }

  @ParameterizedTest
  @MethodSource("plain")
  void everyByteLaneIsReadAndWrittenAlone(Row row) {
    for (int width = 1; width < row.widthBytes(); width *= 2) {
      for (int lane = 0; lane < row.widthBytes(); lane += width) {
        RegisterTable.write(registers, row, 0);
        long ones = -1L >>> 64 - 8 * width;
        registers.write(row.offset() + lane, width, ones);
        assertThat(RegisterTable.read(registers, row))
            .as("%d bytes at +%d", width, lane)
            .isEqualTo(row.writable() & ones << 8 * lane);
        RegisterTable.write(registers, row, -1);
        assertThat(registers.read(row.offset() + lane, width))
            .isEqualTo(row.writable() >>> 8 * lane & ones);
      }
    }
  }

  @Test
  void aQuadwordAccessReachesTwoDoublewordRegisters() {
    registers.write64(Offsets.FECTL, 0xabcdL << 32);
    assertThat(registers.read32(Offsets.FECTL)).isZero();
    assertThat(registers.read32(Offsets.FEDATA)).isEqualTo(0xabcd);
    assertThat(registers.read64(Offsets.FECTL)).isEqualTo(0xabcdL << 32);
  }

  @Test
  @Covers({"register GCMD.TE", "register GCMD.SRTP", "register GCMD.WBF", "register GCMD.QIE"})
  void theCommandRegisterReadsAsZero() {
    registers.write32(Offsets.GCMD, Command.SRTP | Command.QIE);
    assertThat(registers.read32(Offsets.GCMD)).isZero();
  }

  @ParameterizedTest
  @MethodSource("holes")
  void aHoleReadsAsZeroAndTakesNothing(int offset) {
    registers.write32(offset, -1);
    assertThat(registers.read32(offset)).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {0x1_0000, 0x7fff_ffff_ffffL, -8, Long.MIN_VALUE})
  void beyondTheWindowNothingIs(long offset) {
    for (int width : new int[] {1, 2, 4, 8}) {
      registers.write(offset, width, -1);
      assertThat(registers.read(offset, width)).isZero();
    }
  }

  @Test
  void noAccessOfAnyWidthAndAlignmentThrows() {
    TestMachine machine = TestMachine.withUnit(builder -> builder.with(RegisterTable.everything()));
    for (int offset = 0; offset < machine.unit().registerWindowBytes(); offset++) {
      for (int width : new int[] {1, 2, 4, 8}) {
        machine.registers().read(offset, width);
        machine.registers().write(offset, width, 0x0101_0101_0101_0101L * (offset & 0x7f));
      }
    }
    assertThat(machine.registers().read64(Offsets.CAP)).isEqualTo(machine.facts().capability());
  }

  @Test
  void theWindowHoldsEveryFaultRecord() {
    for (int records : new int[] {1, 8, 256}) {
      TestMachine machine = TestMachine.withUnit(builder -> builder.faultRecords(records));
      int window = machine.unit().registerWindowBytes();
      assertThat(Integer.bitCount(window)).isEqualTo(1);
      assertThat(window).isGreaterThanOrEqualTo(4096);
      assertThat(machine.registers().faultRecord(records)).isLessThanOrEqualTo(window);
      assertThat(machine.registers().iotlb() + 8).isLessThanOrEqualTo(window);
    }
  }

  @Test
  @Covers({"register CCMD.CIRG", "register CCMD.DID"})
  void theContextCommandKeepsWhatItIsAsked() {
    registers.write64(Offsets.CCMD, 0x7fff_ffff_ffff_ffffL);
    long kept = 3L << 61 | 0xffff;
    assertThat(registers.read64(Offsets.CCMD) & (kept | 0x07ff_fffc_0000_0000L)).isEqualTo(kept);
  }

  @Test
  @Covers({"register IOTLB.IIRG", "register IOTLB.DID", "register IOTLB.DR", "register IOTLB.DW"})
  void theIotlbCommandKeepsWhatItIsAsked() {
    registers.write64(registers.iotlb(), 0x7fff_ffff_ffff_ffffL);
    long readable = ~(3L << 57);
    assertThat(registers.read64(registers.iotlb()) & readable).isEqualTo(0x3003_ffff_0000_0000L);
  }

  @Test
  @Covers({
    "register FRCD.PRIV",
    "register FRCD.EXE",
    "register FRCD.PP",
    "register FRCD.PV",
    "register FRCD.AT"
  })
  void aRecordHasNoPasidAndNoAddressTypeWhereTheUnitHasNeither() {
    TestMachine machine = TestMachine.withUnit().translating();
    machine.device(0xffff).atomic(-1);
    long hi = machine.registers().read64(machine.registers().faultRecord(0) + 8);
    long absent = 1L << 29 | 1L << 30 | 1L << 31 | 0xf_ffffL << 40 | 3L << 60 | 0xfffL << 16;
    assertThat(hi & (absent & ~(1L << 28))).isZero();
    assertThat(hi >>> 63).isEqualTo(1);
  }

  @Test
  @Covers({"register RDTC.CLOS", "register RDTC.RMID", "register ECAP.RDTS"})
  void theTagsOfTheUnitsOwnAccessesAreHeldWhereTheUnitHasThem() {
    registers.write64(RDTC, -1L);
    assertThat(registers.read64(RDTC)).isZero();

    Registers tagged =
        TestMachine.withUnit(builder -> builder.with(Feature.RESOURCE_DIRECTOR)).registers();
    tagged.write64(RDTC, -1L);
    assertThat(tagged.read64(RDTC)).isEqualTo(0x1f_0000_0fffL);
  }
}
