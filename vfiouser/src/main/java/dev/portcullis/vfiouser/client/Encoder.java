package dev.portcullis.vfiouser.client;

import java.lang.foreign.MemorySegment;

/// Writes a payload.
@FunctionalInterface
public interface Encoder {
  /// Writes it at `at` and returns its length in bytes.
  long encode(MemorySegment into, long at);

  /// The payload of a message that has none.
  static Encoder nothing() {
    return (into, at) -> 0;
  }
}
