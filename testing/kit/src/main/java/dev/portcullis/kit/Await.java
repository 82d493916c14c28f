package dev.portcullis.kit;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Waiting for what another thread does.
public final class Await {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

  private Await() {}

  /// Returns as soon as `condition` holds.
  ///
  /// @throws AssertionError if it does not within 20 seconds
  public static void until(String what, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > LIMIT_NANOS) {
        throw new AssertionError("in vain awaited: " + what);
      }
      Thread.onSpinWait();
    }
  }

  /// Watches for `millis` milliseconds that `condition` does not come to hold.
  ///
  /// @throws AssertionError if it does
  public static void never(String what, long millis, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(millis)) {
      if (condition.getAsBoolean()) {
        throw new AssertionError("too early: " + what);
      }
      Thread.onSpinWait();
    }
  }
}
