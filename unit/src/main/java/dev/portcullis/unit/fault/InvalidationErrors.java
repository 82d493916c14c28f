package dev.portcullis.unit.fault;

import static dev.portcullis.spec.register.FaultRegisters.ICE;
import static dev.portcullis.spec.register.FaultRegisters.IQE;
import static dev.portcullis.spec.register.FaultRegisters.ITE;
import static dev.portcullis.spec.register.QueueRegisters.ICESID;
import static dev.portcullis.spec.register.QueueRegisters.IQEI;
import static dev.portcullis.spec.register.QueueRegisters.IQERCD;
import static dev.portcullis.spec.register.QueueRegisters.ITESID;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.QueueError;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;

/// What went wrong with invalidations: status bits, and the record that says more. The record keeps
/// the first of each kind until software has cleared its status bit.
///
/// @vtd 11.4.9.9 Invalidation Queue Error Record Register
public final class InvalidationErrors {
  private final RegisterFile file;
  private final FaultLog faults;
  private final Cell status;
  private final Cell record;

  public InvalidationErrors(RegisterFile file, FaultLog faults) {
    this.file = file;
    this.faults = faults;
    this.status = file.cell(FaultRegisters.FSTS);
    this.record = file.cell(IQERCD);
  }

  /// The queue cannot go on.
  public void queueStopped(QueueError error) {
    raise(IQE, IQEI, error.code());
  }

  /// A device did not say in time that it has forgotten translations.
  public void timedOut(int sourceId) {
    raise(ITE, ITESID, sourceId);
  }

  /// A device said that it has forgotten what it was not asked to.
  public void badCompletion(int sourceId) {
    raise(ICE, ICESID, sourceId);
  }

  private void raise(BitField bit, BitField field, int value) {
    synchronized (file) {
      if (!status.isSet(bit)) {
        record.set(field, value);
      }
      faults.raise(bit);
    }
  }

  /// Whether the queue rests until software has cleared a status bit.
  public boolean holdQueue() {
    long word = status.word();
    return IQE.isSet(word) || ITE.isSet(word);
  }

  /// Whether a time-out waits for software.
  public boolean isTimedOut() {
    return status.isSet(ITE);
  }
}
