package dev.portcullis.vmm.engine;

/// What is done before a guest begins, each time. Its processors do not run, and its functions are
/// reset.
@FunctionalInterface
public interface Preparation {
  /// There is nothing to do.
  Preparation NONE = () -> {};

  /// Returns when the guest may begin.
  ///
  /// @throws EngineException if it must not: it is FAILED then, with the message as the reason
  void run() throws EngineException, InterruptedException;
}
