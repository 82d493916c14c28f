package dev.portcullis.vmm.iomodel;

/// The work could not be done. The message says what came between.
public final class IoModelException extends Exception {
  private static final long serialVersionUID = 1;

  public IoModelException(String message) {
    super(message);
  }

  public IoModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
