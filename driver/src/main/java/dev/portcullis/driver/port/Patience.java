package dev.portcullis.driver.port;

import java.util.function.LongSupplier;

/// How long the driver waits for a unit before it gives up.
public final class Patience {
  private final long limitNanos;
  private final LongSupplier nanoClock;

  /// Whether what is waited for has come.
  public interface Condition {
    boolean holds() throws DriverException;
  }

  /// @param limitNanos longest wait
  /// @param nanoClock what time it is, in nanoseconds from any moment on
  public Patience(long limitNanos, LongSupplier nanoClock) {
    this.limitNanos = limitNanos;
    this.nanoClock = nanoClock;
  }

  /// Waits up to `seconds`.
  public static Patience ofSeconds(int seconds) {
    return new Patience(seconds * 1_000_000_000L, System::nanoTime);
  }

  /// Returns when `condition` holds, asking again and again.
  ///
  /// @param what is waited for, for the message
  /// @throws DriverException [DriverException.Reason#TIMED_OUT] if it does not come to hold
  public void await(String what, Condition condition) throws DriverException {
    if (condition.holds()) {
      return;
    }
    long start = nanoClock.getAsLong();
    while (!condition.holds()) {
      if (nanoClock.getAsLong() - start > limitNanos) {
        throw new DriverException(
            DriverException.Reason.TIMED_OUT, "the unit did not answer in time: " + what);
      }
      Thread.onSpinWait();
    }
  }
}
