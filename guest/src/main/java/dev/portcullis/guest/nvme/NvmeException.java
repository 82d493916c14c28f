package dev.portcullis.guest.nvme;

/// A controller does not do what it is told. The message says what, and why.
public final class NvmeException extends Exception {
  private static final long serialVersionUID = 1;

  public NvmeException(String message) {
    super(message);
  }

  public NvmeException(String message, Throwable cause) {
    super(message, cause);
  }
}
