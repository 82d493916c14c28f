package dev.portcullis.qtest.server;

import java.util.OptionalLong;

/// A clock that stands still unless it is told to move.
public interface VirtualTime {

  /// Nanoseconds since the machine was made.
  long nowNanos();

  /// When the next thing is due; empty if nothing waits.
  OptionalLong nextDeadlineNanos();

  /// Moves on to `nanos`, and does on the way what becomes due. Does nothing if that is past.
  void advanceTo(long nanos);
}
