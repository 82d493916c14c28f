package dev.portcullis.vmm.engine;

/// An engine did not do what it was asked to. The message says what, and why.
public class EngineException extends Exception {
  private static final long serialVersionUID = 1;

  /// @param message for people
  public EngineException(String message) {
    super(message);
  }

  /// @param message for people
  public EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
