package dev.portcullis.unit.pagerequest;

import static dev.portcullis.spec.register.PageRequestRegisters.PPR;
import static dev.portcullis.spec.register.PageRequestRegisters.PQA;
import static dev.portcullis.spec.register.PageRequestRegisters.PQA_BASE;
import static dev.portcullis.spec.register.PageRequestRegisters.PQH;
import static dev.portcullis.spec.register.PageRequestRegisters.PQH_OFFSET;
import static dev.portcullis.spec.register.PageRequestRegisters.PQS;
import static dev.portcullis.spec.register.PageRequestRegisters.PQT;
import static dev.portcullis.spec.register.PageRequestRegisters.PQT_OFFSET;
import static dev.portcullis.spec.register.PageRequestRegisters.PRO;
import static dev.portcullis.spec.register.PageRequestRegisters.PRS;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.BitField;
import dev.portcullis.spec.descriptor.PageRequestDescriptor;
import dev.portcullis.spec.register.EventRegisters;
import dev.portcullis.spec.register.Registers;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import dev.portcullis.unit.signal.EventMessage;
import dev.portcullis.unit.signal.Outbox;

/// The ring of page requests, its status and its event. One thread uses it at a time; software
/// moves the head at any time.
///
/// @vtd 11.4.11 Page Request Queue Registers
public final class PageRequestQueue {
  private final RegisterFile file;
  private final MemoryMap memory;
  private final Cell head;
  private final Cell tail;
  private final Cell address;
  private final Cell status;
  private final EventMessage event;

  public PageRequestQueue(RegisterFile file, MemoryMap memory, Outbox outbox) {
    this.file = file;
    this.memory = memory;
    this.head = file.cell(PQH);
    this.tail = file.cell(PQT);
    this.address = file.cell(PQA);
    this.status = file.cell(PRS);
    this.event = new EventMessage(file, EventRegisters.PAGE_REQUEST, outbox);
    status.onWrite((before, after, written) -> statusCleared());
  }

  /// Whether it overflowed, and software has not seen to that.
  boolean hasOverflowed() {
    return status.isSet(PRO);
  }

  /// Whether one more has no room. A head beyond the queue is software's loss: it counts as far as
  /// the queue goes.
  boolean isFull() {
    long room = sizeBytes() - 1;
    long next = PQT_OFFSET.inPlace(tail.word()) + PageRequestDescriptor.BYTES;
    return ((next ^ PQH_OFFSET.inPlace(head.word())) & room) == 0;
  }

  /// Tells software that requests are lost.
  void overflow() {
    raise(PRO);
  }

  /// Appends, and tells software.
  ///
  /// @return whether there is memory where the queue is said to be
  boolean append(PageRequestDescriptor descriptor) {
    long offset = PQT_OFFSET.inPlace(tail.word()) & sizeBytes() - 1;
    long base = PQA_BASE.inPlace(address.word());
    long at = base + offset;
    boolean written =
        (base & file.capabilities().beyondHostAddress()) == 0 // else it might come round to 0
            && memory.store64(at + 24, 0)
            && memory.store64(at + 16, 0)
            && memory.store64(at + 8, descriptor.hi())
            && memory.store64(at, descriptor.lo());
    if (written) {
      synchronized (file) {
        tail.set(offset + PageRequestDescriptor.BYTES & sizeBytes() - 1);
      }
      raise(PPR);
    }
    return written;
  }

  private long sizeBytes() {
    return (long) Registers.PAGE_BYTES << PQS.intOf(address.word());
  }

  private void raise(BitField bit) {
    synchronized (file) {
      boolean quiet = (status.word() & (PPR.mask() | PRO.mask())) == 0;
      status.set(bit, 1);
      if (quiet) {
        event.raise();
      }
    }
  }

  private void statusCleared() {
    if ((status.word() & (PPR.mask() | PRO.mask())) == 0) {
      event.withdraw();
    }
  }
}
