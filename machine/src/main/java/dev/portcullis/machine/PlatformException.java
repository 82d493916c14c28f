package dev.portcullis.machine;

/// A machine cannot be put together here: a disk file, a socket. The message is one line for a
/// person.
public final class PlatformException extends Exception {
  private static final long serialVersionUID = 1L;

  public PlatformException(String message, Throwable cause) {
    super(message, cause);
  }

  public PlatformException(String message) {
    super(message);
  }
}
