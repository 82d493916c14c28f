package dev.portcullis.management.health;

import java.util.concurrent.TimeUnit;

/// Keeps a reader from reading faster than it should, so that others have the disk, too.
final class Pace {
  private final long bytesPerSecond;
  private final long startNanos = System.nanoTime();
  private long done;

  Pace(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /// Rests as long as `bytes` more take at that rate.
  void rest(long bytes) throws InterruptedException {
    done += bytes;
    long dueNanos = (long) ((double) done / bytesPerSecond * 1e9);
    long ahead = dueNanos - (System.nanoTime() - startNanos);
    if (ahead > 0) {
      TimeUnit.NANOSECONDS.sleep(ahead);
    }
  }
}
