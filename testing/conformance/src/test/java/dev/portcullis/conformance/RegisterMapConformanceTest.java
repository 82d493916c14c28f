package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.conformance.RegisterTable.Row;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.unit.UnitConfiguration.Preset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The register map of a unit that has everything: what each register holds after power-on and
/// takes from software, whole and in halves. Host addresses have 46 bits.
class RegisterMapConformanceTest {
  private static final long PAGES = 0x3fff_ffff_f000L;

  private final Registers registers =
      TestMachine.withUnit(builder -> Preset.EVERYTHING.builder()).registers();

  static Stream<Row> map() {
    return Stream.of(single(), memoryTypes(), counters(), constants()).flatMap(List::stream);
  }

  private static List<Row> single() {
    return List.of(
        new Row("GSTS", 0x1c, 4, 0, 0),
        new Row("RTADDR", 0x20, 8, 0, 0xffff_ffff_ffff_fc80L),
        new Row("FSTS", 0x34, 4, 0, 0),
        new Row("FECTL", 0x38, 4, 0x8000_0000L, 0x8000_0000L),
        new Row("FEDATA", 0x3c, 4, 0, 0xffff),
        new Row("FEADDR", 0x40, 4, 0, 0xffff_fffcL),
        new Row("FEUADDR", 0x44, 4, 0, 0xffff_ffffL),
        new Row("PLMBASE", 0x68, 4, 0, 0xffe0_0000L),
        new Row("PLMLIMIT", 0x6c, 4, 0, 0xffe0_0000L),
        new Row("PHMBASE", 0x70, 8, 0, 0x3fff_ffe0_0000L),
        new Row("PHMLIMIT", 0x78, 8, 0, 0x3fff_ffe0_0000L),
        new Row("IQH", 0x80, 8, 0, 0),
        new Row("IQT", 0x88, 8, 0, 0x7_fff0L),
        new Row("IQA", 0x90, 8, 0, 0xffff_ffff_ffff_f807L),
        new Row("ICS", 0x9c, 4, 0, 0),
        new Row("IECTL", 0xa0, 4, 0x8000_0000L, 0x8000_0000L),
        new Row("IEDATA", 0xa4, 4, 0, 0xffff),
        new Row("IEADDR", 0xa8, 4, 0, 0xffff_fffcL),
        new Row("IEUADDR", 0xac, 4, 0, 0xffff_ffffL),
        new Row("IQERCD", 0xb0, 8, 0, 0),
        new Row("IRTA", 0xb8, 8, 0, 0xffff_ffff_ffff_f80fL),
        new Row("PQH", 0xc0, 8, 0, 0x7_ffe0L),
        new Row("PQT", 0xc8, 8, 0, 0x7_ffe0L),
        new Row("PQA", 0xd0, 8, 0, 0xffff_ffff_ffff_f007L),
        new Row("PRS", 0xdc, 4, 0, 0),
        new Row("PECTL", 0xe0, 4, 0x8000_0000L, 0x8000_0000L),
        new Row("PEDATA", 0xe4, 4, 0, 0xffff),
        new Row("PEADDR", 0xe8, 4, 0, 0xffff_fffcL),
        new Row("PEUADDR", 0xec, 4, 0, 0xffff_ffffL),
        new Row("MTRRDEF", 0x108, 8, 0, 0xcffL),
        new Row("PERFINTRSTS", 0x324, 4, 0, 0),
        new Row("PERFINTRCTL", 0x328, 4, 0x8000_0000L, 0x8000_0000L),
        new Row("PERFINTRDATA", 0x32c, 4, 0, 0xffff),
        new Row("PERFINTRADDR", 0x330, 4, 0, 0xffff_fffcL),
        new Row("PERFINTRUADDR", 0x334, 4, 0, 0xffff_ffffL),
        new Row("ECRSP", 0x410, 8, 0, 0),
        new Row("ECSTS0", 0x420, 8, 0, 0),
        new Row("ECSTS1", 0x428, 8, 0, 0),
        new Row("RDTC", 0xdc0, 8, 0, 0x1f_0000_0fffL),
        new Row("VCRSP", 0xe10, 8, 0, 0));
  }

  private static List<Row> memoryTypes() {
    List<Row> rows = new ArrayList<>();
    IntStream.of(0x120, 0x128, 0x130)
        .forEach(at -> rows.add(new Row("MTRR_FIX at " + at, at, 8, 0, -1)));
    for (int at = 0x138; at <= 0x170; at += 8) {
      rows.add(new Row("MTRR_FIX4K at " + at, at, 8, 0, -1));
    }
    for (int n = 0; n < 10; n++) {
      rows.add(new Row("MTRR_PHYSBASE" + n, 0x180 + 16 * n, 8, 0, PAGES | 0xff));
      rows.add(new Row("MTRR_PHYSMASK" + n, 0x188 + 16 * n, 8, 0, PAGES | 1 << 11));
    }
    return rows;
  }

  /// Eight counters of 48 bits, and how each is configured.
  private static List<Row> counters() {
    List<Row> rows = new ArrayList<>();
    for (int n = 0; n < 8; n++) {
      int block = 0x2000 + 0x100 * n;
      rows.add(new Row("CNTRCFG" + n, block, 8, 0, 0x0fff_ffff_0000_0f06L));
      rows.add(new Row("CNTRRIDF" + n, block + 0x08, 4, 0, 0x8000_ffffL));
      rows.add(new Row("CNTRDIDF" + n, block + 0x0c, 4, 0, 0x8000_ffffL));
      rows.add(new Row("CNTRPASIDF" + n, block + 0x10, 4, 0, 0x803f_ffffL));
      rows.add(new Row("CNTRATF" + n, block + 0x14, 4, 0, 0x8000_001fL));
      rows.add(new Row("CNTRPTLF" + n, block + 0x18, 4, 0, 0x8000_001fL));
      rows.add(new Row("CNTRCAP" + n, block + 0x80, 4, 0, 0));
      rows.add(new Row("CNTREVCAP" + n, block + 0x84, 4, 0, 0));
      rows.add(new Row("PERFCNTR" + n, 0x4000 + 0x400 * n, 8, 0, 0xffff_ffff_ffffL));
    }
    rows.add(new Row("PERFFRZSTS", 0x2800, 8, 0, 0));
    rows.add(new Row("PERFOVFSTS", 0x2808, 8, 0, 0));
    return rows;
  }

  /// What the unit says of itself.
  private static List<Row> constants() {
    return List.of(
        new Row("VER", 0x000, 4, 0x10, 0),
        new Row("CAP", 0x008, 8, 0xf9d2_078c_e778_0e66L, 0),
        new Row("ECAP", 0x010, 8, 0x1fbb_ff9e_a6f0_50dfL, 0),
        new Row("MTRRCAP", 0x100, 8, 0x50a, 0),
        new Row("PERFCAP", 0x300, 8, 0x0007_001f_0530_0008L, 0),
        new Row("PERFCFGOFF", 0x310, 4, 0x2000, 0),
        new Row("PERFFRZOFF", 0x314, 4, 0x2800, 0),
        new Row("PERFOVFOFF", 0x318, 4, 0x2808, 0),
        new Row("PERFCNTROFF", 0x31c, 4, 0x4000, 0),
        new Row("PERFEVNTCAP0", 0x380, 8, 0x02, 0),
        new Row("PERFEVNTCAP1", 0x388, 8, 0xc9, 0),
        new Row("PERFEVNTCAP2", 0x390, 8, 0xff, 0),
        new Row("PERFEVNTCAP3", 0x398, 8, 0x0f, 0),
        new Row("PERFEVNTCAP4", 0x3a0, 8, 0x07, 0),
        new Row("PERFEVNTCAP5", 0x3a8, 8, 0, 0),
        new Row("PERFEVNTCAP14", 0x3f0, 8, 0, 0),
        new Row("ECCAP0", 0x430, 8, 0, 0),
        new Row("ECCAP1", 0x438, 8, 0, 0),
        new Row("ECCAP2", 0x440, 8, 0, 0),
        new Row("ECCAP3", 0x448, 8, 0x3fL << 48, 0),
        new Row("VCCAP", 0xe30, 8, 7, 0));
  }

  @ParameterizedTest
  @MethodSource("map")
  @Covers({"register ECSTS0.reserved", "register ECSTS1.reserved"})
  void aRegisterHoldsItsResetValueAndTakesExactlyItsWritableBits(Row row) {
    long fixed = row.reset() & ~row.writable();
    assertThat(RegisterTable.read(registers, row)).as("reset").isEqualTo(row.reset());
    RegisterTable.write(registers, row, -1);
    assertThat(RegisterTable.read(registers, row)).as("ones").isEqualTo(fixed | row.writable());
    RegisterTable.write(registers, row, 0);
    assertThat(RegisterTable.read(registers, row)).as("zeroes").isEqualTo(fixed);
  }

  @ParameterizedTest
  @MethodSource("map")
  void theHalvesOfARegisterAreWrittenAndReadAlone(Row row) {
    long fixed = row.reset() & ~row.writable();
    for (int half = 0; half < row.widthBytes(); half += 4) {
      RegisterTable.write(registers, row, 0);
      registers.write32(row.offset() + half, -1);
      long expected = fixed | row.writable() & 0xffff_ffffL << 8 * half;
      assertThat(RegisterTable.read(registers, row)).as("half at %d", half).isEqualTo(expected);
      assertThat(registers.read32(row.offset() + half))
          .isEqualTo(expected >>> 8 * half & 0xffff_ffffL);
    }
  }
}
