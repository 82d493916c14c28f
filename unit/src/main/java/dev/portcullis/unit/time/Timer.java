package dev.portcullis.unit.time;

/// Tells when time is up.
@FunctionalInterface
public interface Timer {

  /// Something that will happen, unless it is cancelled first.
  @FunctionalInterface
  interface Alarm {
    /// Forgets it; does nothing if it has happened.
    void cancel();
  }

  /// Runs `task` once, `nanos` nanoseconds from now, on another thread. The task is short and waits
  /// for nothing but memory accesses.
  Alarm after(long nanos, Runnable task);

  /// Real time, on one thread of the process's that lives as long as there is something to wait
  /// for.
  static Timer real() {
    return RealTime.after();
  }
}
