package dev.portcullis.unit.queue;

/// How far a descriptor has come.
enum Progress {
  DONE,
  /// It waits for devices; it is tried again when they have answered.
  PAUSED
}
