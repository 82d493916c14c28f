package dev.portcullis.management.recovery;

/// A partition was not rebuilt. The message says why; it stays off if its disks may be half
/// written.
public final class RecoveryException extends Exception {
  private static final long serialVersionUID = 1;

  RecoveryException(String message) {
    super(message);
  }

  RecoveryException(String message, Throwable cause) {
    super(message, cause);
  }
}
