package dev.portcullis.management.state;

/// State could not be kept, or what was kept is damaged. The message says which.
public final class StateException extends Exception {
  private static final long serialVersionUID = 1;

  public StateException(String message) {
    super(message);
  }

  public StateException(String message, Throwable cause) {
    super(message, cause);
  }
}
