package dev.portcullis.management.provision;

/// A partition was not provisioned, or not removed; the message says why, for people.
public final class ProvisionException extends Exception {
  private static final long serialVersionUID = 1L;

  public ProvisionException(String message, Throwable cause) {
    super(message, cause);
  }

  public ProvisionException(String message) {
    super(message);
  }
}
