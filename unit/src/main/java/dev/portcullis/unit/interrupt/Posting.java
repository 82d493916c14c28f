package dev.portcullis.unit.interrupt;

/// How posting an interrupt ended.
enum Posting {
  /// It is posted, and software has been told.
  TOLD,
  /// It is posted, and software is not told: it has been told already, or does not want to be.
  QUIET,
  /// The descriptor cannot be read or written.
  ACCESS_FAILED,
  /// The descriptor has reserved bits set; nothing was changed.
  RESERVED_BITS
}
