package dev.portcullis.machine.wiring;

import dev.portcullis.memory.Exchange;
import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.AtomicOperation;
import dev.portcullis.pci.Completion;

/// Carries out atomic operations on memory that processors write to meanwhile.
final class ReadModifyWrite {
  /// Software that writes the word without pause does not hold a device up for ever.
  private static final int TRIES = 1_000;

  private ReadModifyWrite() {}

  /// `operation` on the word at `hpa`, a multiple of its width.
  ///
  /// @return Completer Abort where memory knows no atomic operations, or the word never held still
  static Completion carryOut(AtomicOperation operation, MemoryMap memory, long hpa) {
    long at = hpa & -Long.BYTES;
    int shift = (int) (hpa & Long.BYTES - 1) * 8;
    long mask = -1L >>> 64 - 8 * operation.widthBytes() << shift;
    Fetched word = new Fetched();
    for (int tries = 0; tries < TRIES; tries++) {
      if (!memory.fetch64(at, word)) {
        return Completion.UNSUPPORTED_REQUEST;
      }
      long before = (word.lo & mask) >>> shift;
      long after = word.lo & ~mask | operation.after(before) << shift & mask;
      Exchange exchange = memory.compareAndSet64(at, word.lo, after);
      if (exchange == Exchange.EXCHANGED) {
        operation.found(before);
        return Completion.SUCCESS;
      }
      if (exchange == Exchange.ABORTED) {
        return Completion.COMPLETER_ABORT;
      }
    }
    return Completion.COMPLETER_ABORT;
  }
}
