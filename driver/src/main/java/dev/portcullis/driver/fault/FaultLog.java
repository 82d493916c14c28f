package dev.portcullis.driver.fault;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.FaultRegisters;
import java.util.function.Consumer;

/// Reads the unit's fault records, and clears each.
///
/// Queue errors, which share the status register, are left to the queue.
///
/// @vtd 7.2.1 Primary Fault Logging
public final class FaultLog {
  private final RegisterPort registers;
  private final int firstRecord;
  private final int records;

  /// Whether faults have been lost because every record was taken.
  public enum Overflow {
    NONE,
    OVERFLOWED
  }

  public FaultLog(RegisterPort registers, Capability capability) {
    this.registers = registers;
    this.firstRecord = capability.faultRecordOffset();
    this.records = capability.faultRecords();
  }

  /// Gives every recorded fault to `reader`, oldest first, and clears it.
  ///
  /// @return whether faults have been lost since the last call
  public synchronized Overflow drain(Consumer<FaultRecord> reader) throws DriverException {
    int status = registers.read32(FaultRegisters.FSTS.offset());
    if (FaultRegisters.PPF.isSet(status)) {
      drainFrom(FaultRegisters.FRI.intOf(status), reader);
    }
    if (!FaultRegisters.PFO.isSet(status)) {
      return Overflow.NONE;
    }
    registers.write32(FaultRegisters.FSTS.offset(), (int) FaultRegisters.PFO.mask());
    return Overflow.OVERFLOWED;
  }

  /// Follows the ring from the burst's first record to the first that is free, once round at most.
  private void drainFrom(int first, Consumer<FaultRecord> reader) throws DriverException {
    for (int i = 0; i < records; i++) {
      int offset = firstRecord + 16 * ((first + i) % records);
      // F is set after everything else: nothing may be read before it.
      long hi = registers.read64(offset + 8);
      if (!FaultRegisters.F.isSet(hi)) {
        return;
      }
      long lo = registers.read64(offset);
      registers.write32(offset + 12, (int) (FaultRegisters.F.mask() >>> 32));
      reader.accept(FaultRecord.decode(lo, hi));
    }
  }
}
