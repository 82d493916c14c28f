package dev.portcullis.management.health;

/// Told how far a diagnosis is.
@FunctionalInterface
public interface DiagnosisProgress {
  /// Tells nobody.
  DiagnosisProgress NONE = (step, fraction) -> {};

  /// @param step for people
  /// @param fraction of this step: 0 to 1
  void report(String step, double fraction);
}
