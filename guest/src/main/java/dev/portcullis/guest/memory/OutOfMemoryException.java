package dev.portcullis.guest.memory;

/// No memory is left that is long enough.
public final class OutOfMemoryException extends Exception {
  private static final long serialVersionUID = 1;

  /// @param bytes how much was wanted
  public OutOfMemoryException(long bytes) {
    super("no %,d bytes of memory are left side by side".formatted(bytes));
  }

  /// @param bytes how much was wanted
  /// @param cause what it was wanted from said
  public OutOfMemoryException(long bytes, Throwable cause) {
    super("no %,d bytes of memory are left side by side".formatted(bytes), cause);
  }
}
