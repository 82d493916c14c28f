package dev.portcullis.guest.port;

/// A processor reached for an address where nothing answers, or what is there may not be reached
/// so.
public final class MachineCheckException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final long gpa;

  /// @param gpa guest physical address of the access
  /// @param message what was tried there, for people
  public MachineCheckException(long gpa, String message) {
    super(message);
    this.gpa = gpa;
  }

  /// Guest physical address of the access.
  public long gpa() {
    return gpa;
  }
}
