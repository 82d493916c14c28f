package dev.portcullis.vmm.bridge;

import java.time.Instant;
import java.util.function.LongSupplier;

/// What time it is.
///
/// @param steady as [System#nanoTime]: for how long something takes
/// @param epoch nanoseconds since 1970: for people
public record Clocks(LongSupplier steady, LongSupplier epoch) {
  /// This computer's.
  public static final Clocks SYSTEM = new Clocks(System::nanoTime, Clocks::sinceEpoch);

  private static long sinceEpoch() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  long nanoTime() {
    return steady.getAsLong();
  }

  long epochNanos() {
    return epoch.getAsLong();
  }
}
