package dev.portcullis.machine.qtest;

import dev.portcullis.devices.edu.DmaTimer;
import dev.portcullis.qtest.server.VirtualTime;
import java.util.Comparator;
import java.util.OptionalLong;
import java.util.PriorityQueue;

/// A clock that only its owner moves, and the jobs that wait for it. A job may set another.
final class VirtualClock implements VirtualTime, DmaTimer {
  private record Alarm(long atNanos, Runnable job) {}

  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>(Comparator.comparingLong(Alarm::atNanos));
  private long now;

  @Override
  public synchronized long nowNanos() {
    return now;
  }

  @Override
  public synchronized OptionalLong nextDeadlineNanos() {
    return alarms.isEmpty() ? OptionalLong.empty() : OptionalLong.of(alarms.peek().atNanos());
  }

  @Override
  public synchronized void after(long nanos, Runnable job) {
    alarms.add(new Alarm(now + Math.min(nanos, Long.MAX_VALUE - now), job));
  }

  @Override
  public void advanceTo(long nanos) {
    for (Alarm due = next(nanos); due != null; due = next(nanos)) {
      due.job().run();
    }
  }

  /// The next alarm until `nanos`, with the clock moved to it; or `null`, with the clock at
  /// `nanos`.
  private synchronized Alarm next(long nanos) {
    Alarm due = !alarms.isEmpty() && alarms.peek().atNanos() <= nanos ? alarms.poll() : null;
    now = Math.max(now, due == null ? nanos : due.atNanos());
    return due;
  }
}
