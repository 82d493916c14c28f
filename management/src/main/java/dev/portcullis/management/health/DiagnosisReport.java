package dev.portcullis.management.health;

import java.time.Instant;
import java.util.List;

/// What a diagnosis has found.
///
/// @param time when it ended
public record DiagnosisReport(Instant time, List<CheckResult> results) {
  public DiagnosisReport {
    results = List.copyOf(results);
  }

  /// Whether nothing is wrong with what was looked at.
  public boolean isPassed() {
    return results.stream().noneMatch(CheckResult::isFailed);
  }
}
