package dev.portcullis.vmm.iomodel;

import dev.portcullis.vmm.iomodel.Measurement.Toll;
import java.util.concurrent.atomic.LongAdder;

/// Counts what the monitor does, where it does it.
final class Tally {
  private final LongAdder traps = new LongAdder();
  private final LongAdder copiedBytes = new LongAdder();
  private final LongAdder interrupts = new LongAdder();

  Tally() {}

  void trapped() {
    traps.increment();
  }

  void copied(long bytes) {
    copiedBytes.add(bytes);
  }

  void interrupted() {
    interrupts.increment();
  }

  Toll toll() {
    return new Toll(traps.sum(), copiedBytes.sum(), interrupts.sum());
  }
}
