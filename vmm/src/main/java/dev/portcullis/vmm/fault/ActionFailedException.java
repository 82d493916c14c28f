package dev.portcullis.vmm.fault;

/// An action could not be taken. The message says why.
public final class ActionFailedException extends Exception {
  private static final long serialVersionUID = 1;

  public ActionFailedException(String message) {
    super(message);
  }

  public ActionFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
