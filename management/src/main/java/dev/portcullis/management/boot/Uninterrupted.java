package dev.portcullis.management.boot;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Works on disks on threads that nobody interrupts: an interrupt would close the disk for the
/// device that it belongs to.
public final class Uninterrupted {
  private Uninterrupted() {}

  /// Does `work` on a thread of its own, and waits for it.
  ///
  /// @param name of the thread
  /// @param work which throws nothing but what is a bug
  /// @throws InterruptedException if the caller does not wait any longer: the work goes on
  public static <T> T call(String name, Callable<T> work) throws InterruptedException {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().daemon().name(name).start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(name + ": " + e.getCause().getMessage(), e.getCause());
    }
  }
}
