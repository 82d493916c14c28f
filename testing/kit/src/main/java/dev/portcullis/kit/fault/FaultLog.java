package dev.portcullis.kit.fault;

import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import java.util.ArrayList;
import java.util.List;

/// The fault log, read and cleared as software does.
///
/// @vtd 7.2.1 Primary Fault Logging
public final class FaultLog {
  /// Bits of FSTS.
  public static final long PFO = 1;

  public static final long PPF = 1 << 1;
  public static final long IQE = 1 << 4;

  private static final long F = 1L << 63;

  private final Registers registers;

  public FaultLog(Registers registers) {
    this.registers = registers;
  }

  /// FSTS.
  public long status() {
    return registers.read32(Offsets.FSTS);
  }

  /// Whether a record waits.
  public boolean isPending() {
    return (status() & PPF) != 0;
  }

  /// Whether a fault had no room.
  public boolean isOverflown() {
    return (status() & PFO) != 0;
  }

  /// Index of the first record of this burst (FRI).
  public int first() {
    return (int) (status() >>> 8) & 0xff;
  }

  /// Whether record `index` holds a fault (F).
  public boolean isFilled(int index) {
    return (registers.read64(registers.faultRecord(index) + 8) & F) != 0;
  }

  /// Record `index`, whatever it holds.
  public FaultRecord record(int index) {
    int at = registers.faultRecord(index);
    return FaultRecord.of(registers.read64(at), registers.read64(at + 8));
  }

  /// Writes 1 to the F of record `index`.
  public void clear(int index) {
    registers.write32(registers.faultRecord(index) + 12, 1L << 31);
  }

  /// Clears bits of FSTS by writing 1 to them.
  public void clearStatus(long bits) {
    registers.write32(Offsets.FSTS, bits);
  }

  /// The records of this burst in order; they are cleared, the overflow too.
  public List<FaultRecord> take() {
    List<FaultRecord> records = new ArrayList<>();
    if (isPending()) {
      int size = registers.facts().faultRecords();
      for (int index = first(); isFilled(index); index = (index + 1) % size) {
        records.add(record(index));
        clear(index);
      }
    }
    if (isOverflown()) {
      clearStatus(PFO);
    }
    return records;
  }
}
