package dev.portcullis.unit.translate;

import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;

/// Walkers for as many threads as walk at a time; a thread tries the same one first.
final class Walkers {
  private static final int ROUNDS_BEFORE_PARKING = 16;
  private static final long PARK_NANOS = 1_000;

  private final Walker[] walkers;
  private final int mask;

  Walkers() {
    int count = Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * 8);
    this.walkers = new Walker[count];
    this.mask = count - 1;
    for (int i = 0; i < count; i++) {
      walkers[i] = new Walker();
    }
  }

  /// A walker nobody else has, until it is released.
  Walker claim() {
    int first = (int) Thread.currentThread().threadId();
    for (int tries = 0; ; tries++) {
      Walker walker = walkers[first + tries & mask];
      if (walker.tryClaim()) {
        return walker;
      }
      if (tries > ROUNDS_BEFORE_PARKING * mask) {
        LockSupport.parkNanos(PARK_NANOS);
      }
    }
  }

  /// The sum of a counter: exact for walks that have ended.
  long sum(ToLongFunction<Walker> counter) {
    long sum = 0;
    for (Walker walker : walkers) {
      walker.synchronize();
      sum += counter.applyAsLong(walker);
    }
    return sum;
  }
}
