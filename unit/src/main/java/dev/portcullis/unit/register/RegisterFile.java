package dev.portcullis.unit.register;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.FeatureCapabilities;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.Register;
import dev.portcullis.spec.register.Registers;
import java.util.ArrayList;
import java.util.List;

/// All registers of one unit, as software sees them.
///
/// An access of 1 to 8 bytes at any place touches each register it overlaps once, the lower first,
/// with the byte lanes it has. Unused space reads as 0 and ignores writes.
///
/// @vtd 11.2 Software Access to Registers
public final class RegisterFile {
  private final List<Cell> cells = new ArrayList<>();
  private final Cell[] byDword;
  private final Capabilities capabilities;
  private final FeatureCapabilities features;

  /// The registers of a unit with `capabilities` and what is usual besides, as after power-on.
  public RegisterFile(Capabilities capabilities) {
    this(capabilities, FeatureCapabilities.STANDARD);
  }

  /// The registers of a unit with `capabilities`, as after power-on.
  ///
  /// @param features what the capability registers of its features say
  public RegisterFile(Capabilities capabilities, FeatureCapabilities features) {
    this.capabilities = capabilities;
    this.features = features.on(capabilities);
    List<Register> registers = Registers.of(capabilities, features);
    int end = registers.stream().mapToInt(r -> r.offset() + r.widthBytes()).max().orElse(0);
    int pages = Math.max(1, (end + Registers.PAGE_BYTES - 1) / Registers.PAGE_BYTES);
    int windowPages = pages == 1 ? 1 : Integer.highestOneBit(pages - 1) * 2;
    this.byDword = new Cell[windowPages * Registers.PAGE_BYTES / 4];
    for (Register register : registers) {
      Cell cell = new Cell(register, this);
      cells.add(cell);
      byDword[register.offset() / 4] = cell;
      if (register.widthBits() == 64) {
        byDword[register.offset() / 4 + 1] = cell;
      }
    }
    identify();
  }

  private void identify() {
    cell(GlobalRegisters.VER).set(capabilities.versionWord());
    cell(GlobalRegisters.CAP).set(capabilities.capability().word());
    cell(GlobalRegisters.ECAP).set(capabilities.extended().word());
  }

  /// Size of the window: a power of two, at least 4 KiB.
  public int windowBytes() {
    return byDword.length * 4;
  }

  /// The cell of a register at a fixed place. For one this unit does not have it is a cell that
  /// software cannot reach.
  public Cell cell(Register register) {
    return cell(register, register.offset());
  }

  /// The cell of `register` at the place this unit announces for it.
  public Cell cell(Register register, int offset) {
    Cell cell = offset / 4 < byDword.length ? byDword[offset / 4] : null;
    boolean there =
        cell != null
            && cell.register().offset() == offset
            && cell.register().name().startsWith(register.name());
    return there ? cell : new Cell(register.at(offset), this);
  }

  /// Low half of fault record `index`.
  public Cell faultRecordLow(int index) {
    return cell(FaultRegisters.FRCD_LOW, faultRecordOffset(index));
  }

  /// High half of fault record `index`.
  public Cell faultRecordHigh(int index) {
    return cell(FaultRegisters.FRCD_HIGH, faultRecordOffset(index) + 8);
  }

  private int faultRecordOffset(int index) {
    return capabilities.capability().faultRecordOffset() + 16 * index;
  }

  /// What the unit with this register file is.
  public Capabilities capabilities() {
    return capabilities;
  }

  /// What the capability registers of its features say.
  public FeatureCapabilities features() {
    return features;
  }

  /// Every register back to its value after power-on.
  public synchronized void reset() {
    cells.forEach(Cell::reset);
    identify();
  }

  /// Software reads `widthBytes` (1 to 8) bytes at `offset`.
  public long read(long offset, int widthBytes) {
    checkWidth(widthBytes);
    long value = 0;
    long end = offset + widthBytes;
    for (long at = offset; at < end; ) {
      Cell cell = at(at);
      long start = start(cell, at);
      long next = next(cell, start);
      if (cell != null) {
        long bytes = cell.read() >>> (at - start) * 8 & ones(Math.min(end, next) - at);
        value |= bytes << (at - offset) * 8;
      }
      at = next;
    }
    return value;
  }

  /// Software writes the low `widthBytes` (1 to 8) bytes of `value` at `offset`.
  public void write(long offset, int widthBytes, long value) {
    checkWidth(widthBytes);
    long end = offset + widthBytes;
    for (long at = offset; at < end; ) {
      Cell cell = at(at);
      long start = start(cell, at);
      long next = next(cell, start);
      if (cell != null) {
        long lanes = ones(Math.min(end, next) - at) << (at - start) * 8;
        cell.write(value >>> (at - offset) * 8 << (at - start) * 8 & lanes, lanes);
      }
      at = next;
    }
  }

  private Cell at(long offset) {
    return offset >= 0 && offset < windowBytes() ? byDword[(int) offset / 4] : null;
  }

  private static long start(Cell cell, long at) {
    return cell == null ? at & ~3 : cell.register().offset();
  }

  private static long next(Cell cell, long start) {
    return start + (cell == null ? 4 : cell.register().widthBytes());
  }

  private static long ones(long bytes) {
    return -1L >>> 64 - 8 * bytes;
  }

  private static void checkWidth(int widthBytes) {
    if (widthBytes < 1 || widthBytes > 8) {
      throw new IllegalArgumentException("access of " + widthBytes + " bytes");
    }
  }
}
