package dev.portcullis.management.containment;

/// A change that is not allowed. The message says which.
public final class RefusedTransitionException extends Exception {
  private static final long serialVersionUID = 1;

  RefusedTransitionException(String message) {
    super(message);
  }
}
