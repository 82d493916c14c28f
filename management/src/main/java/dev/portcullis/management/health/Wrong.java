package dev.portcullis.management.health;

/// Something that was looked at is not as it must be. The message says how.
final class Wrong extends Exception {
  private static final long serialVersionUID = 1;

  Wrong(String message) {
    super(message);
  }
}
