package dev.portcullis.net.http;

import java.io.IOException;

/// A message that is not as the RFC says, or asks for what is not there.
public final class HttpException extends IOException {
  private static final long serialVersionUID = 1;

  private final int status;

  /// @param status what a server answers to it
  public HttpException(int status, String message) {
    super(message);
    this.status = status;
  }

  public int status() {
    return status;
  }
}
