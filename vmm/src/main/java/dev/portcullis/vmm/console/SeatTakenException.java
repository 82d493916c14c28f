package dev.portcullis.vmm.console;

/// Somebody else writes, or there are too many. The message says who, and what to do.
public final class SeatTakenException extends Exception {
  private static final long serialVersionUID = 1;

  SeatTakenException(String message) {
    super(message);
  }
}
