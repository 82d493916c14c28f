package dev.portcullis.management.boot.log;

/// Bytes are no event log. The message says where, and why.
public final class EventLogException extends Exception {
  private static final long serialVersionUID = 1;

  EventLogException(String message) {
    super(message);
  }
}
