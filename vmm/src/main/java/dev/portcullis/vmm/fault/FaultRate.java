package dev.portcullis.vmm.fault;

import java.time.Duration;

/// How many faults of one function within how long. Time is counted in sixteenths of the window: a
/// fault may drop out up to a sixteenth early, never late.
///
/// @param count 1 or more
/// @param window up to a day
public record FaultRate(int count, Duration window) {
  /// Every single one.
  public static final FaultRate EACH = new FaultRate(1, Duration.ofSeconds(1));

  public FaultRate {
    if (count < 1 || !window.isPositive() || window.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("%d faults within %s".formatted(count, window));
    }
  }
}
