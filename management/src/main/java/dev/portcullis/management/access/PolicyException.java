package dev.portcullis.management.access;

/// A policy, or facts, make no sense. The message has the place and the reason.
public final class PolicyException extends Exception {
  private static final long serialVersionUID = 1;

  public PolicyException(String message) {
    super(message);
  }

  public PolicyException(String message, Throwable cause) {
    super(message, cause);
  }
}
