package dev.portcullis.net.tcp;

import java.io.InterruptedIOException;

/// The other side took too long; the connection stands.
public final class TimeoutException extends InterruptedIOException {
  private static final long serialVersionUID = 1;

  TimeoutException(String message) {
    super(message);
  }
}
