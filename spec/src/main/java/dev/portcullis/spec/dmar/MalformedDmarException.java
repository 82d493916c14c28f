package dev.portcullis.spec.dmar;

/// The bytes at hand are no DMAR table.
public final class MalformedDmarException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int offset;

  MalformedDmarException(int offset, String reason) {
    super("DMAR offset %#x: %s".formatted(offset, reason));
    this.offset = offset;
  }

  /// Where in the table the trouble starts, in bytes.
  public int offset() {
    return offset;
  }
}
