package dev.portcullis.vmm.console;

/// What somebody wants of a console.
public enum Wish {
  /// To read only.
  WATCH,
  /// To write as well, if nobody does.
  WRITE,
  /// To write: whoever did so far only reads from now on, and is told.
  TAKE_OVER
}
