package dev.portcullis.kit;

import dev.portcullis.unit.time.Timer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Time that passes only when a test says so.
public final class Clock implements Timer {
  private record Due(long at, Runnable task) {}

  private final List<Due> pending = new ArrayList<>();
  private long now;

  /// Time 0.
  public Clock() {}

  @Override
  public synchronized Alarm after(long nanos, Runnable task) {
    Due due = new Due(now + nanos, task);
    pending.add(due);
    return () -> cancel(due);
  }

  private synchronized void cancel(Due due) {
    pending.removeIf(other -> other == due);
  }

  /// Lets `nanos` nanoseconds pass: what is due happens before this returns.
  public void advance(long nanos) {
    long end = nowPlus(nanos);
    for (Due due = next(end); due != null; due = next(end)) {
      due.task.run();
    }
    synchronized (this) {
      now = end;
    }
  }

  private synchronized long nowPlus(long nanos) {
    return now + nanos;
  }

  private synchronized Due next(long end) {
    Due first =
        pending.stream()
            .filter(due -> due.at <= end)
            .min(Comparator.comparingLong(Due::at))
            .orElse(null);
    if (first != null) {
      pending.remove(first);
      now = Math.max(now, first.at);
    }
    return first;
  }

  /// Number of things that will happen.
  public synchronized int pending() {
    return pending.size();
  }
}
