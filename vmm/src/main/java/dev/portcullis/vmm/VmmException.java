package dev.portcullis.vmm;

/// Something the monitor refuses or cannot do. The message says what is wrong.
public final class VmmException extends Exception {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  /// What kind of trouble it is.
  public enum Reason {
    /// Part of the range is in use already.
    OVERLAP,
    /// No free range is long enough.
    OUT_OF_MEMORY,
    /// The pages belong to somebody else.
    NOT_OWNED,
    /// There is no such thing, or no more.
    UNKNOWN,
    /// It is there already.
    EXISTS,
    /// It is in use.
    IN_USE,
    /// The remapping unit, or its driver, failed.
    UNIT
  }

  /// @param message what failed, for people
  public VmmException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /// @param message what failed, for people
  /// @param cause why
  public VmmException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
