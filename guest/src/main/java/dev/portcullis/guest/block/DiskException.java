package dev.portcullis.guest.block;

/// A disk does not do what it is told. The message says what, and why.
public class DiskException extends Exception {
  private static final long serialVersionUID = 1;

  public DiskException(String message) {
    super(message);
  }

  public DiskException(String message, Throwable cause) {
    super(message, cause);
  }
}
