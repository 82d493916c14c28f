package dev.portcullis.net.host;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/// What other threads want of the host's thread, and how they wake it.
///
/// Times are nanoseconds since the host was attached.
final class Work {
  private static final int MOST_TASKS = 4096;

  private final long originNanos = System.nanoTime();
  private final BlockingQueue<LongConsumer> tasks = new ArrayBlockingQueue<>(MOST_TASKS);
  private volatile Thread thread;
  private volatile boolean asleep;
  private volatile boolean open = true;

  Work() {}

  long nowNanos() {
    return System.nanoTime() - originNanos;
  }

  boolean isOpen() {
    return open;
  }

  void close() {
    open = false;
    wake();
  }

  /// Says who does the work.
  void worker(Thread worker) {
    thread = worker;
  }

  boolean isWorker() {
    return Thread.currentThread() == thread;
  }

  /// Has `task` run with the time by the host's thread.
  ///
  /// @return whether there was room
  boolean offer(LongConsumer task) {
    boolean taken = tasks.offer(task);
    wake();
    return taken;
  }

  /// There is something to do; from any thread, after it was put where the host's thread looks.
  void wake() {
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  /// Runs at most `most` tasks.
  ///
  /// @return whether there was one
  boolean run(int most) {
    long now = nowNanos();
    for (int i = 0; i < most; i++) {
      LongConsumer task = tasks.poll();
      if (task == null) {
        return i > 0;
      }
      task.accept(now);
    }
    return true;
  }

  /// The host's thread is about to sleep, and looks once more whether it may.
  void fallAsleep() {
    asleep = true;
  }

  boolean hasTasks() {
    return !tasks.isEmpty();
  }

  /// Sleeps until `deadlineNanos` or until it is woken; it may also wake for no reason.
  void sleep(long deadlineNanos) {
    long nanos = deadlineNanos - nowNanos();
    if (open && nanos > 0) {
      if (deadlineNanos == Long.MAX_VALUE) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, nanos);
      }
    }
    stayAwake();
  }

  void stayAwake() {
    asleep = false;
  }
}
