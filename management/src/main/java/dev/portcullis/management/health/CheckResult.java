package dev.portcullis.management.health;

import java.util.Locale;

/// What came of looking at one thing.
///
/// @param subject what was looked at: a step of the unit's, a function's name, memory
/// @param text for people: what was seen, or what is wrong, or why it was not looked at
public record CheckResult(Check check, String subject, Outcome outcome, String text) {

  /// How it ended.
  public enum Outcome {
    PASSED,
    FAILED,
    /// It could not be looked at without disturbing somebody, or is not there.
    SKIPPED;

    /// Such as `passed`.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static CheckResult passed(Check check, String subject, String text) {
    return new CheckResult(check, subject, Outcome.PASSED, text);
  }

  static CheckResult failed(Check check, String subject, String text) {
    return new CheckResult(check, subject, Outcome.FAILED, text);
  }

  static CheckResult skipped(Check check, String subject, String text) {
    return new CheckResult(check, subject, Outcome.SKIPPED, text);
  }

  /// Whether something is wrong.
  public boolean isFailed() {
    return outcome == Outcome.FAILED;
  }
}
