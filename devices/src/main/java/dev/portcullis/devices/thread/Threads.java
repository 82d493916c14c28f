package dev.portcullis.devices.thread;

/// What threads of devices have in common.
public final class Threads {
  private Threads() {}

  /// Returns when `thread` has gone, interrupted or not; it must have been told to go.
  public static void awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
