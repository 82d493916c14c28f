package dev.portcullis.cli;

/// What the doctor found.
///
/// @param grade how bad it is
/// @param subject what was looked at
/// @param detail what is so, and what to do if that is not good
record Finding(Grade grade, String subject, String detail) {

  /// How bad a finding is.
  enum Grade {
    GOOD("ok"),
    /// Portcullis works, but not as well as it could, or not yet.
    NOTE("note"),
    /// Portcullis does not work.
    BAD("FAIL");

    private final String label;

    Grade(String label) {
      this.label = label;
    }
  }

  static Finding good(String subject, String detail) {
    return new Finding(Grade.GOOD, subject, detail);
  }

  static Finding note(String subject, String detail) {
    return new Finding(Grade.NOTE, subject, detail);
  }

  static Finding bad(String subject, String detail) {
    return new Finding(Grade.BAD, subject, detail);
  }

  @Override
  public String toString() {
    return "%-4s  %-14s %s".formatted(grade.label, subject, detail);
  }
}
