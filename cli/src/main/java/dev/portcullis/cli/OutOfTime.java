package dev.portcullis.cli;

/// The time that `--timeout` granted is over.
final class OutOfTime extends Exception {
  private static final long serialVersionUID = 1L;

  OutOfTime(int seconds, Throwable cause) {
    super("timed out after " + seconds + " s, the guest has been ended", cause);
  }
}
