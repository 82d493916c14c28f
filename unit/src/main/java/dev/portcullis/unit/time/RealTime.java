package dev.portcullis.unit.time;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// One thread for all time limits of the process; it goes when there are none.
final class RealTime {
  private static final ScheduledThreadPoolExecutor CLOCK = clock();

  private RealTime() {}

  private static ScheduledThreadPoolExecutor clock() {
    ScheduledThreadPoolExecutor clock =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("unit time limits").factory());
    clock.setRemoveOnCancelPolicy(true);
    clock.setKeepAliveTime(1, TimeUnit.SECONDS);
    clock.allowCoreThreadTimeOut(true);
    return clock;
  }

  static Timer after() {
    return (nanos, task) -> {
      var due = CLOCK.schedule(task, nanos, TimeUnit.NANOSECONDS);
      return () -> due.cancel(false);
    };
  }
}
