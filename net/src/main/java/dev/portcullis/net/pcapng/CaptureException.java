package dev.portcullis.net.pcapng;

import java.io.IOException;

/// A capture file is not what it should be.
public final class CaptureException extends IOException {
  private static final long serialVersionUID = 1;

  private final long offset;

  /// @param offset where in the file the block starts that makes no sense
  public CaptureException(long offset, String reason) {
    super("at byte %d: %s".formatted(offset, reason));
    this.offset = offset;
  }

  /// Where in the file the block starts that makes no sense.
  public long offset() {
    return offset;
  }
}
