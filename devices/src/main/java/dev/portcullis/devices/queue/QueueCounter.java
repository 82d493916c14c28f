package dev.portcullis.devices.queue;

import java.util.concurrent.atomic.AtomicLong;

/// Counts for [QueueLoad]: written by one thread at a time, once a batch, without a fence; read by
/// any.
public final class QueueCounter {
  private final AtomicLong looks = new AtomicLong();
  private final AtomicLong full = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  /// Nothing yet.
  public QueueCounter() {}

  /// A batch was done.
  ///
  /// @param count how many there were in it
  /// @param isFull whether the queue was as good as full before
  /// @param moved bytes of data
  public void served(int count, boolean isFull, long moved) {
    add(looks, 1);
    if (isFull) {
      add(full, 1);
    }
    add(requests, count);
    add(bytes, moved);
  }

  private static void add(AtomicLong to, long more) {
    to.setRelease(to.getPlain() + more);
  }

  /// From how many on a queue is as good as full.
  ///
  /// @param batch what a thread does in one go
  /// @param entries what the queue holds
  public static int limit(int batch, int entries) {
    return Math.max(1, Math.min(batch, entries * 3 / 4));
  }

  /// What it has come to.
  public QueueLoad load() {
    return new QueueLoad(looks.get(), full.get(), requests.get(), bytes.get());
  }
}
