package dev.portcullis.vmm.fault;

import java.util.Arrays;

/// Counts what happens within a while, in sixteenths of it.
final class Window {
  private static final int PARTS = 16;

  private final long partNanos;
  private final int[] counts = new int[PARTS];
  private long part;
  private long total;

  Window(long windowNanos, long nowNanos) {
    partNanos = Math.max(1, windowNanos / PARTS);
    part = Math.floorDiv(nowNanos, partNanos);
  }

  /// Counts one more.
  ///
  /// @return how many there have been
  long count(long nowNanos) {
    move(nowNanos);
    int at = Math.floorMod(part, PARTS);
    if (counts[at] < Integer.MAX_VALUE) {
      counts[at]++;
      total++;
    }
    return total;
  }

  boolean isEmpty(long nowNanos) {
    move(nowNanos);
    return total == 0;
  }

  private void move(long nowNanos) {
    long now = Math.floorDiv(nowNanos, partNanos);
    if (now - part >= PARTS) {
      clear();
      part = now;
    }
    while (part < now) {
      part++;
      int at = Math.floorMod(part, PARTS);
      total -= counts[at];
      counts[at] = 0;
    }
  }

  void clear() {
    Arrays.fill(counts, 0);
    total = 0;
  }
}
