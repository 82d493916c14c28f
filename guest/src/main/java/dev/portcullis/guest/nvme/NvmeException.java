package dev.portcullis.guest.nvme;

import dev.portcullis.guest.block.DiskException;

/// A controller does not do what it is told. The message says what, and why.
public final class NvmeException extends DiskException {
  private static final long serialVersionUID = 1;

  public NvmeException(String message) {
    super(message);
  }

  public NvmeException(String message, Throwable cause) {
    super(message, cause);
  }
}
