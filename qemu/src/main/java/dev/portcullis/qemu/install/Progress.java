package dev.portcullis.qemu.install;

/// Watches an installation go on. Called from the thread that installs and from its readers, one
/// call at a time; must return at once.
@FunctionalInterface
public interface Progress {

  /// Says how far the current step is.
  ///
  /// @param step what is being done, for a person: `qemu: download 38 MB`
  /// @param fraction of that step, 0.0 to 1.0, never going back within one step
  void report(String step, double fraction);

  /// Nobody watches.
  static Progress none() {
    return (step, fraction) -> {};
  }
}
