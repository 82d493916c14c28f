package dev.portcullis.vmm.fault;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// How fast a function is let go on that is refused again and again.
///
/// A function's requests are made by threads of this computer. One that is refused millions of
/// times a second takes a processor from everybody else, and has nothing from it; so whoever makes
/// its requests waits after a refusal, once there were too many of them. Nothing else of the
/// function is slowed: a request that the unit lets through never waits.
///
/// Each refusal moves a moment forward by what it may take in the long run; the thread that finds
/// this moment further ahead than the burst allows sleeps for one rest. Allocates nothing.
final class Restraint {
  /// Refusals without any wait, after a pause.
  static final int BURST = 1_000;

  /// Refusals a second in the long run.
  static final int PER_SECOND = 10_000;

  /// What a wait takes at most: a reset waits for requests under way, and does not wait longer.
  static final Duration REST = Duration.ofMillis(10);

  private static final long EACH_NANOS = TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
  private static final long BURST_NANOS = BURST * EACH_NANOS;

  private final LongSupplier nanoTime;
  private final Rest rest;
  private final AtomicLong paidUntilNanos;

  /// How a thread waits.
  @FunctionalInterface
  interface Rest {
    void take(Duration time) throws InterruptedException;
  }

  Restraint() {
    this(System::nanoTime, Thread::sleep);
  }

  Restraint(LongSupplier nanoTime, Rest rest) {
    this.nanoTime = nanoTime;
    this.rest = rest;
    this.paidUntilNanos = new AtomicLong(nanoTime.getAsLong());
  }

  /// The function was refused, on this thread: returns when it may go on.
  void refused() {
    long now = nanoTime.getAsLong();
    if (pay(now) - now > BURST_NANOS) {
      try {
        rest.take(REST);
      } catch (InterruptedException asked) {
        // Somebody wants the thread to end: that is for whoever owns it to see.
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Never further ahead than one rest beyond the burst: several threads of a function that all
  /// rest must not owe more and more.
  private long pay(long now) {
    while (true) {
      long before = paidUntilNanos.get();
      long ahead = Math.max(0, before - now) + EACH_NANOS;
      long after = now + Math.min(ahead, BURST_NANOS + REST.toNanos());
      if (paidUntilNanos.compareAndSet(before, after)) {
        return after;
      }
    }
  }
}
