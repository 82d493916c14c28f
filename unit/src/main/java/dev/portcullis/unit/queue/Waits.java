package dev.portcullis.unit.queue;

import static dev.portcullis.spec.register.QueueRegisters.ICS;
import static dev.portcullis.spec.register.QueueRegisters.IWC;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.register.EventRegisters;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import dev.portcullis.unit.signal.EventMessage;
import dev.portcullis.unit.signal.Outbox;

/// Tells software that a wait is done: in memory, by an event, or both.
///
/// @vtd 6.5.2.8 Invalidation Wait Descriptor
public final class Waits {
  private final RegisterFile file;
  private final MemoryMap memory;
  private final Cell status;
  private final EventMessage event;
  private final long hostAddresses;
  private volatile long done;

  public Waits(RegisterFile file, MemoryMap memory, Outbox outbox) {
    this.file = file;
    this.memory = memory;
    this.status = file.cell(ICS);
    this.event = new EventMessage(file, EventRegisters.INVALIDATION, outbox);
    this.hostAddresses = ~file.capabilities().beyondHostAddress();
    status.onWrite((before, after, written) -> statusCleared());
  }

  void complete(InvalidationWait wait) {
    done++;
    if (wait.writesStatus()) {
      // No memory there is software's loss: nothing tells it.
      memory.store32(wait.statusAddress() & hostAddresses, wait.statusData());
    }
    if (wait.raisesEvent()) {
      synchronized (file) {
        boolean seenTo = !status.isSet(IWC);
        status.set(IWC, 1);
        if (seenTo) {
          event.raise();
        }
      }
    }
  }

  /// Number of wait descriptors carried out.
  public long done() {
    return done;
  }

  private void statusCleared() {
    if (!status.isSet(IWC)) {
      event.withdraw();
    }
  }
}
