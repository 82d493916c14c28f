package dev.portcullis.management.integrity;

import java.util.function.LongSupplier;

/// Keeps a thread to a share of a processor: for each nanosecond of processor time that it has
/// used, it owes so many of rest.
final class CpuBudget {
  private final int percent;
  private final LongSupplier cpuNanos;
  private final long begun;
  private long seen;
  private long owed;

  /// @param percent 1 to 100
  /// @param cpuNanos processor time that the calling thread has used
  CpuBudget(int percent, LongSupplier cpuNanos) {
    this.percent = percent;
    this.cpuNanos = cpuNanos;
    this.begun = cpuNanos.getAsLong();
    this.seen = begun;
  }

  /// How much rest the thread owes.
  long owedNanos() {
    long now = cpuNanos.getAsLong();
    owed += (now - seen) * (100 - percent) / percent;
    seen = now;
    return owed;
  }

  /// It has rested.
  void rested(long nanos) {
    owed = Math.max(0, owed - nanos);
  }

  /// All that it has used.
  long usedNanos() {
    return seen - begun;
  }
}
