package dev.portcullis.management.remediation;

/// A step did not work. The message says why.
public final class RemediationException extends Exception {
  private static final long serialVersionUID = 1;

  public RemediationException(String message) {
    super(message);
  }

  public RemediationException(String message, Throwable cause) {
    super(message, cause);
  }
}
