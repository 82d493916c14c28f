package dev.portcullis.vmm.audit;

/// A line that is not what it should be. The message says what is wrong.
final class BrokenException extends Exception {
  private static final long serialVersionUID = 1;

  BrokenException(String message) {
    super(message);
  }
}
