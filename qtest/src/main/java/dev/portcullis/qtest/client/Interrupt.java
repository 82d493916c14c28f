package dev.portcullis.qtest.client;

/// An intercepted interrupt input has changed.
///
/// @param input its number
/// @param change which way
public record Interrupt(int input, Change change) {
  /// Which way an input changes.
  public enum Change {
    RAISE,
    LOWER
  }
}
