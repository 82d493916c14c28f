package dev.portcullis.management.recovery;

/// Is told how far a rebuild is.
@FunctionalInterface
public interface RebuildProgress {
  /// Nobody looks.
  RebuildProgress NONE = (step, fraction) -> {};

  /// Called on the thread that rebuilds; must not wait.
  ///
  /// @param step what is being done, for people
  /// @param fraction how much of it is done, 0 to 1
  void report(String step, double fraction);
}
