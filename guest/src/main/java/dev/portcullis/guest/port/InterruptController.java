package dev.portcullis.guest.port;

/// Gives out interrupts.
public interface InterruptController {

  /// A vector that has `handler` run whenever its message comes: on the partition's interrupt
  /// thread, one handler at a time. Messages that come while it runs have it run once more.
  ///
  /// @throws IllegalStateException if all vectors are given out
  InterruptVector connect(Runnable handler);
}
