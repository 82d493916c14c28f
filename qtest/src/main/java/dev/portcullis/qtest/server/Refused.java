package dev.portcullis.qtest.server;

/// A command cannot be carried out. The message is what the peer gets behind `FAIL`.
final class Refused extends Exception {
  private static final long serialVersionUID = 1L;

  Refused(String message) {
    super(message, null, false, false);
  }
}
