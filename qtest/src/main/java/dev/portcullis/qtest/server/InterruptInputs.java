package dev.portcullis.qtest.server;

/// Numbered interrupt inputs of a device.
public interface InterruptInputs {

  /// State of an input.
  enum Level {
    LOW,
    HIGH
  }

  /// Told of each change of an input, on the thread that changes it.
  @FunctionalInterface
  interface Watcher {
    void changed(int input, Level level);
  }

  /// Sets an input; one that does not exist is nobody's.
  ///
  /// @return whether there is such an input
  boolean drive(int input, Level level);

  /// Tells `watcher` of all changes from now on, and whoever was told before no more.
  void watch(Watcher watcher);
}
