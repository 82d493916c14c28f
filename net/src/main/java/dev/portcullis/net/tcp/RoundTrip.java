package dev.portcullis.net.tcp;

/// How long to wait for an acknowledgement (RFC 6298).
final class RoundTrip {
  static final long FIRST_NANOS = 1_000_000_000L;
  static final long MOST_NANOS = 60_000_000_000L;

  // Deviation: a fifth of a second where RFC 6298 advises one whole, as Linux does.
  static final long LEAST_NANOS = 200_000_000L;

  private boolean measured;
  private long smoothedNanos;
  private long variationNanos;
  private long timeoutNanos = FIRST_NANOS;

  RoundTrip() {}

  /// An acknowledgement took that long.
  void sample(long nanos) {
    if (measured) {
      variationNanos += (Math.abs(smoothedNanos - nanos) - variationNanos) / 4;
      smoothedNanos += (nanos - smoothedNanos) / 8;
    } else {
      measured = true;
      smoothedNanos = nanos;
      variationNanos = nanos / 2;
    }
    settle();
  }

  private void settle() {
    if (measured) {
      timeoutNanos = Math.clamp(smoothedNanos + 4 * variationNanos, LEAST_NANOS, MOST_NANOS);
    }
  }

  /// Nothing came in time: the next wait is twice as long.
  void backOff() {
    timeoutNanos = Math.min(2 * timeoutNanos, MOST_NANOS);
  }

  /// Something was acknowledged: waits are as measured again.
  void progress() {
    settle();
  }

  long timeoutNanos() {
    return timeoutNanos;
  }
}
