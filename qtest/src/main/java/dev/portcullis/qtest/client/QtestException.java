package dev.portcullis.qtest.client;

/// The machine refused a command, or is gone.
public final class QtestException extends Exception {
  private static final long serialVersionUID = 1L;

  QtestException(String message) {
    super(message);
  }

  QtestException(String message, Throwable cause) {
    super(message, cause);
  }
}
