package dev.portcullis.unit.request;

/// Rights on a page, as bits of an `int`.
public final class Rights {
  public static final int READ = 1;
  public static final int WRITE = 2;

  /// A zero-length read is let through: by the right to read, or by the right to write on a unit
  /// that says so.
  public static final int ZERO_LENGTH_READ = 4;

  private Rights() {}
}
