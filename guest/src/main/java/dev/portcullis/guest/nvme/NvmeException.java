package dev.portcullis.guest.nvme;

import dev.portcullis.guest.block.DiskException;
import java.util.OptionalInt;

/// A controller does not do what it is told. The message says what, and why.
public final class NvmeException extends DiskException {
  private static final long serialVersionUID = 1;
  private static final int NONE = -1;

  private final int status;

  public NvmeException(String message) {
    super(message);
    this.status = NONE;
  }

  public NvmeException(String message, Throwable cause) {
    super(message, cause);
    this.status = NONE;
  }

  /// A command failed.
  ///
  /// @param status as the controller said it, 15 bits
  /// @nvme 4.6.1 Status Field Definition
  NvmeException(String message, int status) {
    super(message);
    this.status = status;
  }

  /// Why the command failed if the controller said so: code in bits 7 to 0, type in 10 to 8.
  public OptionalInt status() {
    return status == NONE ? OptionalInt.empty() : OptionalInt.of(status & 0x7ff);
  }
}
