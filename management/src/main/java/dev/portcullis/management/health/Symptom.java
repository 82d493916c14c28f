package dev.portcullis.management.health;

/// What makes something ill.
public enum Symptom {
  /// A partition's engine broke, or its guest panicked. One that was switched off, or halted by a
  /// rule about its faults, is where it should be.
  PARTITION_FAILED,
  /// A function does not answer, says itself that it has failed, or its requests do not come back.
  FUNCTION_FAILED
}
