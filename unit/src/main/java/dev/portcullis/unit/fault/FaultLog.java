package dev.portcullis.unit.fault;

import static dev.portcullis.spec.register.FaultRegisters.AT;
import static dev.portcullis.spec.register.FaultRegisters.EXE;
import static dev.portcullis.spec.register.FaultRegisters.F;
import static dev.portcullis.spec.register.FaultRegisters.FI;
import static dev.portcullis.spec.register.FaultRegisters.FR;
import static dev.portcullis.spec.register.FaultRegisters.FRI;
import static dev.portcullis.spec.register.FaultRegisters.ICE;
import static dev.portcullis.spec.register.FaultRegisters.IQE;
import static dev.portcullis.spec.register.FaultRegisters.ITE;
import static dev.portcullis.spec.register.FaultRegisters.PFO;
import static dev.portcullis.spec.register.FaultRegisters.PP;
import static dev.portcullis.spec.register.FaultRegisters.PPF;
import static dev.portcullis.spec.register.FaultRegisters.PRIV;
import static dev.portcullis.spec.register.FaultRegisters.PV;
import static dev.portcullis.spec.register.FaultRegisters.SID;
import static dev.portcullis.spec.register.FaultRegisters.T1;
import static dev.portcullis.spec.register.FaultRegisters.T2;

import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.BitField;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.EventRegisters;
import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.policy.FaultCollapse;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import dev.portcullis.unit.request.Request;
import dev.portcullis.unit.request.RequestKind;
import dev.portcullis.unit.signal.EventMessage;
import dev.portcullis.unit.signal.Outbox;

/// The primary fault log: a ring of records that software reads and clears, and the status that
/// says where to begin.
///
/// State changes under the register file's lock, which is held for a few stores only; messages go
/// to the [Outbox], and the caller flushes it.
///
/// @vtd 7.2.1 Primary Fault Logging
public final class FaultLog {
  private static final long EVENT_STATUS =
      PPF.mask() | PFO.mask() | IQE.mask() | ICE.mask() | ITE.mask();

  private final RegisterFile file;
  private final Cell status;
  private final Cell[] low;
  private final Cell[] high;
  private final EventMessage event;
  private final FaultCollapse collapse;
  private final boolean deviceTlbs;
  private int index;

  /// An empty log in the fault registers of `file`.
  public FaultLog(RegisterFile file, FaultCollapse collapse, Outbox outbox) {
    this.file = file;
    this.collapse = collapse;
    this.status = file.cell(FaultRegisters.FSTS);
    this.event = new EventMessage(file, EventRegisters.FAULT, outbox);
    this.deviceTlbs = file.capabilities().has(Feature.DEVICE_TLBS);
    int records = file.capabilities().capability().faultRecords();
    this.low = new Cell[records];
    this.high = new Cell[records];
    for (int i = 0; i < records; i++) {
      low[i] = file.faultRecordLow(i);
      high[i] = file.faultRecordHigh(i);
      high[i].onWrite((before, after, written) -> statusCleared());
    }
    status.onWrite((before, after, written) -> statusCleared());
  }

  /// Records that a request was refused, if there is room.
  ///
  /// @param page address of the 4-KiB page it was for
  /// @param prefix its [PasidPrefix], or none
  /// @return whether it has a record now
  public boolean record(
      FaultReason reason, int sourceId, long page, RequestKind kind, int prefix, Request request) {
    return record(reason, sourceId, page, type(kind, request) | prefix(prefix) | type(kind));
  }

  /// Records that an interrupt request was refused; the type of request means nothing then.
  public boolean recordInterrupt(FaultReason reason, int sourceId, long information) {
    return record(reason, sourceId, information, 0);
  }

  private boolean record(FaultReason reason, int sourceId, long information, long type) {
    if (status.isSet(PFO)) {
      return false; // step 1, without the lock: a requester gone wild must not contend for it
    }
    synchronized (file) {
      if (status.isSet(PFO) || isCollapsed(sourceId)) {
        return false; // steps 1 and 2
      }
      if (high[index].isSet(F)) {
        status.set(PFO, 1); // step 3
        return false;
      }
      low[index].set(FI.inPlace(information)); // step 4
      high[index].set(SID.encode(sourceId & 0xffff) | FR.encode(reason.code()) | type);
      boolean first = !status.isSet(PPF);
      if (first) {
        status.set(FRI, index); // step 5b
      }
      high[index].set(F, 1);
      index = (index + 1) % high.length;
      if (first) {
        raise(PPF);
      }
      return true;
    }
  }

  /// T1 and T2: what the request wanted.
  private static long type(RequestKind kind, Request request) {
    if (kind == RequestKind.PAGE) {
      return T2.mask();
    }
    if (kind == RequestKind.TRANSLATION) {
      return T1.mask();
    }
    return switch (request) {
      case WRITE -> 0;
      case READ, ZERO_LENGTH_READ -> T1.mask();
      case ATOMIC -> T1.mask() | T2.mask();
    };
  }

  /// AT.
  private long type(RequestKind kind) {
    if (!deviceTlbs) {
      return 0;
    }
    return switch (kind) {
      case UNTRANSLATED, PAGE -> 0;
      case TRANSLATION -> AT.encode(1);
      case TRANSLATED -> AT.encode(2);
    };
  }

  /// PP, and what it makes meaningful.
  private static long prefix(int prefix) {
    if (!PasidPrefix.isPresent(prefix)) {
      return 0;
    }
    return PP.mask()
        | PV.encode(PasidPrefix.pasid(prefix))
        | (PasidPrefix.isPrivileged(prefix) ? PRIV.mask() : 0)
        | (PasidPrefix.isExecute(prefix) ? EXE.mask() : 0);
  }

  private boolean isCollapsed(int sourceId) {
    if (collapse == FaultCollapse.PER_REQUESTER) {
      for (Cell record : high) {
        if (record.isSet(F) && SID.intOf(record.word()) == sourceId) {
          return true;
        }
      }
    }
    return false;
  }

  /// Sets a status bit of FSTS, and raises the fault event if nothing else waits for software.
  ///
  /// @vtd 7.3 Fault Event Registers
  public void raise(BitField bit) {
    synchronized (file) {
      boolean quiet = (status.word() & EVENT_STATUS) == 0;
      status.set(bit, 1);
      if (quiet) {
        event.raise();
      }
    }
  }

  /// Recording starts at the first record again: neither translation nor interrupt remapping is on.
  public void rewind() {
    synchronized (file) {
      index = 0;
    }
  }

  /// Software has cleared a record or a status bit: PPF follows the records.
  private void statusCleared() {
    boolean pending = false;
    for (Cell record : high) {
      pending |= record.isSet(F);
    }
    status.set(PPF, pending ? 1 : 0);
    if ((status.word() & EVENT_STATUS) == 0) {
      event.withdraw();
    }
  }
}
