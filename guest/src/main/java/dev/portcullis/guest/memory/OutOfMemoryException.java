package dev.portcullis.guest.memory;

/// No memory is left that is long enough.
public final class OutOfMemoryException extends Exception {
  private static final long serialVersionUID = 1;

  OutOfMemoryException(long bytes) {
    super("no %,d bytes of memory are left side by side".formatted(bytes));
  }
}
