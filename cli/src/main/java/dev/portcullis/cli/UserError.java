package dev.portcullis.cli;

/// What was asked for cannot be done. The message is one line: what is wrong, and what to do.
final class UserError extends Exception {
  private static final long serialVersionUID = 1L;

  UserError(String message) {
    super(message);
  }

  UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
