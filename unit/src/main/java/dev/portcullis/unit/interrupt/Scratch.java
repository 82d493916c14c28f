package dev.portcullis.unit.interrupt;

import dev.portcullis.memory.Fetched;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Places to fetch into, handed out so that an interrupt need not make one. Nobody waits: whoever
/// finds none makes one.
final class Scratch {
  private final AtomicReferenceArray<Fetched> free;
  private final int mask;

  Scratch() {
    int count = Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * 8);
    this.free = new AtomicReferenceArray<>(count);
    this.mask = count - 1;
    for (int i = 0; i < count; i++) {
      free.setPlain(i, new Fetched());
    }
  }

  /// One that nobody else has.
  Fetched take() {
    Fetched taken = free.getAndSet(place(), null);
    return taken == null ? new Fetched() : taken;
  }

  /// Gives back what [#take] gave this thread.
  void giveBack(Fetched taken) {
    free.setRelease(place(), taken);
  }

  private int place() {
    return (int) Thread.currentThread().threadId() & mask;
  }
}
