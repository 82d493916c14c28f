package dev.portcullis.management.boot.manifest;

/// There is no manifest that counts. The message says which, where, and why.
public final class ManifestException extends Exception {
  private static final long serialVersionUID = 1;

  public ManifestException(String message) {
    super(message);
  }

  public ManifestException(String message, Throwable cause) {
    super(message, cause);
  }
}
