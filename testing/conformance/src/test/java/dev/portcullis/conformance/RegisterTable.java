package dev.portcullis.conformance;

import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.spec.register.Feature;
import java.util.List;
import java.util.stream.Stream;

/// The register map of the architecture, for units of legacy mode.
final class RegisterTable {
  private RegisterTable() {}

  /// One register.
  ///
  /// @param name the manual's letters
  /// @param offset from the start of the window
  /// @param widthBytes 4 or 8
  /// @param reset value after power-on
  /// @param writable bits that read back what was written
  record Row(String name, int offset, int widthBytes, long reset, long writable) {
    @Override
    public String toString() {
      return name;
    }
  }

  /// Features that give a unit every register of legacy mode.
  static Feature[] everything() {
    return new Feature[] {
      Feature.QUEUED_INVALIDATION, Feature.PROTECTED_LOW_MEMORY, Feature.PROTECTED_HIGH_MEMORY
    };
  }

  /// Registers that hold what software writes, and where writing does nothing else as long as
  /// nothing is enabled.
  static List<Row> plain() {
    return List.of(
        new Row("RTADDR", Offsets.RTADDR, 8, 0, 0xffff_ffff_ffff_fc00L),
        new Row("FECTL", Offsets.FECTL, 4, 0x8000_0000L, 0x8000_0000L),
        new Row("FEDATA", Offsets.FEDATA, 4, 0, 0xffff),
        new Row("FEADDR", Offsets.FEADDR, 4, 0, 0xffff_fffcL),
        new Row("IQT", Offsets.IQT, 8, 0, 0x7_fff0),
        new Row("IQA", Offsets.IQA, 8, 0, 0xffff_ffff_ffff_f807L),
        new Row("IECTL", Offsets.IECTL, 4, 0x8000_0000L, 0x8000_0000L),
        new Row("IEDATA", Offsets.IEDATA, 4, 0, 0xffff),
        new Row("IEADDR", Offsets.IEADDR, 4, 0, 0xffff_fffcL));
  }

  /// Registers that software cannot change.
  static List<Row> constant() {
    return List.of(
        new Row("GSTS", Offsets.GSTS, 4, 0, 0),
        new Row("IQH", Offsets.IQH, 8, 0, 0),
        new Row("IQERCD", Offsets.IQERCD, 8, 0, 0),
        new Row("FSTS", Offsets.FSTS, 4, 0, 0),
        new Row("ICS", Offsets.ICS, 4, 0, 0),
        new Row("FEUADDR", Offsets.FEUADDR, 4, 0, 0),
        new Row("IEUADDR", Offsets.IEUADDR, 4, 0, 0),
        new Row("IRTA", Offsets.IRTA, 8, 0, 0),
        new Row("AFLOG", 0x058, 8, 0, 0),
        new Row("PQH", 0x0c0, 8, 0, 0),
        new Row("PQT", 0x0c8, 8, 0, 0),
        new Row("PQA", 0x0d0, 8, 0, 0),
        new Row("PRS", 0x0dc, 4, 0, 0),
        new Row("PECTL", 0x0e0, 4, 0, 0),
        new Row("PEDATA", 0x0e4, 4, 0, 0),
        new Row("PEADDR", 0x0e8, 4, 0, 0),
        new Row("PEUADDR", 0x0ec, 4, 0, 0),
        new Row("MTRRCAP", 0x100, 8, 0, 0),
        new Row("PERFCAP", 0x300, 8, 0, 0),
        new Row("RDTC", 0xdc0, 8, 0, 0));
  }

  /// Registers of the queue: reserved without it.
  static Stream<Row> ofTheQueue() {
    return Stream.of(
        new Row("IQH", Offsets.IQH, 8, 0, 0),
        new Row("IQT", Offsets.IQT, 8, 0, 0),
        new Row("IQA", Offsets.IQA, 8, 0, 0),
        new Row("ICS", Offsets.ICS, 4, 0, 0),
        new Row("IECTL", Offsets.IECTL, 4, 0, 0),
        new Row("IEDATA", Offsets.IEDATA, 4, 0, 0),
        new Row("IEADDR", Offsets.IEADDR, 4, 0, 0),
        new Row("IEUADDR", Offsets.IEUADDR, 4, 0, 0),
        new Row("IQERCD", Offsets.IQERCD, 8, 0, 0));
  }

  /// Offsets at which nothing is.
  static Stream<Integer> holes() {
    return Stream.of(
        0x004, 0x030, 0x048, 0x04c, 0x050, 0x060, 0x098, 0x0d8, 0x0f0, 0x0fc, 0x110, 0x178, 0x220,
        0x2fc, 0x308, 0x338, 0x37c, 0x418, 0x600, 0xdbc, 0xdc8, 0xe18, 0xe38, 0xffc);
  }

  static long read(Registers registers, Row row) {
    return registers.read(row.offset, row.widthBytes);
  }

  static void write(Registers registers, Row row, long value) {
    registers.write(row.offset, row.widthBytes, value);
  }
}
