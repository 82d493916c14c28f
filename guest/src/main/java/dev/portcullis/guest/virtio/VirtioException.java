package dev.portcullis.guest.virtio;

/// A virtio device lacks what is needed of it, or breaks the rules.
public final class VirtioException extends Exception {
  private static final long serialVersionUID = 1;

  public VirtioException(String message) {
    super(message);
  }

  public VirtioException(String message, Throwable cause) {
    super(message, cause);
  }
}
