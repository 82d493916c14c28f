package dev.portcullis.driver.port;

/// Something the driver cannot do: the unit lacks it or does not answer, or something has run out.
/// The message says what and where.
///
/// A call that throws has changed nothing that translates, unless it says otherwise.
public final class DriverException extends Exception {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  /// What kind of trouble it is.
  public enum Reason {
    /// The unit lacks what was asked for, or is no unit at all.
    UNSUPPORTED,
    /// The unit did not do in time what it must.
    TIMED_OUT,
    /// A register or a word of memory cannot be reached.
    UNREACHABLE,
    /// The unit refused to carry out an invalidation.
    INVALIDATION_REFUSED,
    /// A device did not confirm that it dropped translations; every cache of the unit has.
    DEVICE_SILENT,
    /// No pages are left for tables.
    OUT_OF_PAGES,
    /// All domain-ids are taken.
    OUT_OF_DOMAIN_IDS,
    /// No range of addresses is free that is long and low enough.
    OUT_OF_ADDRESSES,
    /// No block of interrupt table entries is free that is long enough.
    OUT_OF_INTERRUPTS,
    /// Part of the range is mapped already.
    ALREADY_MAPPED
  }

  /// @param message what failed, for people
  public DriverException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /// @param message what failed, for people
  /// @param cause why
  public DriverException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
