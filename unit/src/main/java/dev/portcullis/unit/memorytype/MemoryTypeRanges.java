package dev.portcullis.unit.memorytype;

import static dev.portcullis.spec.register.MemoryTypeRegisters.BASE;
import static dev.portcullis.spec.register.MemoryTypeRegisters.DEFAULT_TYPE;
import static dev.portcullis.spec.register.MemoryTypeRegisters.E;
import static dev.portcullis.spec.register.MemoryTypeRegisters.FE;
import static dev.portcullis.spec.register.MemoryTypeRegisters.MASK;
import static dev.portcullis.spec.register.MemoryTypeRegisters.TYPE;
import static dev.portcullis.spec.register.MemoryTypeRegisters.V;

import dev.portcullis.spec.register.MemoryTypeRegisters;
import dev.portcullis.spec.register.Register;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import dev.portcullis.unit.request.MemoryType;
import java.util.List;

/// The memory type range registers.
///
/// @vtd 11.4.12 Memory Type Range Registers
public final class MemoryTypeRanges {
  private static final long FIRST_MEBIBYTE = 1 << 20;

  private final Cell defaults;
  private final boolean hasFixed;
  private final boolean combines;
  private final List<Cell> fixed;
  private final List<Cell> bases;
  private final List<Cell> masks;

  public MemoryTypeRanges(RegisterFile file) {
    this.defaults = file.cell(MemoryTypeRegisters.MTRRDEF);
    long announced = file.features().memoryTypes();
    int ranges = MemoryTypeRegisters.VCNT.intOf(announced);
    this.hasFixed = MemoryTypeRegisters.FIX.isSet(announced);
    this.combines = MemoryTypeRegisters.WC.isSet(announced);
    this.fixed = MemoryTypeRegisters.FIXED.stream().map(file::cell).toList();
    this.bases = cells(file, MemoryTypeRegisters.BASES.subList(0, ranges));
    this.masks = cells(file, MemoryTypeRegisters.MASKS.subList(0, ranges));
    long hostAddresses = ~file.capabilities().beyondHostAddress();
    bases.forEach(cell -> narrow(cell, hostAddresses));
    masks.forEach(cell -> narrow(cell, hostAddresses));
  }

  private static List<Cell> cells(RegisterFile file, List<Register> registers) {
    return registers.stream().map(file::cell).toList();
  }

  /// Bits beyond the host's addresses do not exist.
  private static void narrow(Cell cell, long hostAddresses) {
    cell.onWrite((before, after, written) -> cell.set(after & hostAddresses));
  }

  /// The type of memory at host physical address `hpa`.
  public MemoryType of(long hpa) {
    if (!defaults.isSet(E)) {
      return MemoryType.UNCACHEABLE;
    }
    if (hpa < FIRST_MEBIBYTE && hasFixed && defaults.isSet(FE)) {
      return type(fixed((int) hpa));
    }
    MemoryType found = null;
    for (int i = 0; i < bases.size(); i++) {
      long mask = MASK.inPlace(masks.get(i).word());
      boolean matches =
          masks.get(i).isSet(V) && (hpa & mask) == (BASE.inPlace(bases.get(i).word()) & mask);
      if (matches) {
        MemoryType type = type(TYPE.of(bases.get(i).word()));
        found = found == null ? type : overlapping(found, type);
      }
    }
    return found == null ? type(DEFAULT_TYPE.of(defaults.word())) : found;
  }

  /// Write-combining where it is not announced is undefined: uncacheable is safe.
  private MemoryType type(long encoded) {
    MemoryType type = MemoryType.of(encoded);
    return type == MemoryType.WRITE_COMBINING && !combines ? MemoryType.UNCACHEABLE : type;
  }

  /// Eight registers of 4-KiB pieces cover the last quarter of the first MiB, two of 16-KiB pieces
  /// the one before, one of 64-KiB pieces the first half; each has eight pieces.
  private long fixed(int hpa) {
    int register;
    int piece;
    if (hpa < 0x8_0000) {
      register = 0;
      piece = hpa >> 16;
    } else if (hpa < 0xc_0000) {
      register = 1 + (hpa - 0x8_0000 >> 17);
      piece = hpa >> 14 & 7;
    } else {
      register = 3 + (hpa - 0xc_0000 >> 15);
      piece = hpa >> 12 & 7;
    }
    return fixed.get(register).word() >>> 8 * piece & 0xff;
  }

  /// Ranges that overlap agree, or one of them is uncacheable, or they are write-through and
  /// write-back. What else software may write is undefined: uncacheable is safe.
  private static MemoryType overlapping(MemoryType one, MemoryType other) {
    if (one == other) {
      return one;
    }
    boolean writesThrough =
        (one == MemoryType.WRITE_THROUGH && other == MemoryType.WRITE_BACK)
            || (one == MemoryType.WRITE_BACK && other == MemoryType.WRITE_THROUGH);
    return writesThrough ? MemoryType.WRITE_THROUGH : MemoryType.UNCACHEABLE;
  }
}
