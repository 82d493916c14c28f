package dev.portcullis.memory;

/// How a compare-and-set on physical memory ended.
public enum Exchange {
  /// The word held the expected value and now holds the new one.
  EXCHANGED,
  /// The word held something else; nothing was written.
  CHANGED_MEANWHILE,
  /// There is no writable memory at that address.
  ABORTED
}
