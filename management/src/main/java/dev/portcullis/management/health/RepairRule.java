package dev.portcullis.management.health;

import java.time.Duration;
import java.util.List;

/// What is done when something is ill.
///
/// @param subjects names of partitions, or of devices
/// @param steps done one after another at each attempt
/// @param atLast done instead at the last attempt; nothing else if empty
/// @param attempts how many there are before it is left as it is, at least 1
/// @param pause after the first attempt; after each further one twice as long as before
/// @param proof how long it has to be well until its attempts are forgotten
public record RepairRule(
    Symptom when,
    List<String> subjects,
    List<RepairStep> steps,
    List<RepairStep> atLast,
    int attempts,
    Duration pause,
    Duration proof) {
  public RepairRule {
    subjects = List.copyOf(subjects);
    steps = List.copyOf(steps);
    atLast = List.copyOf(atLast);
  }

  /// What attempt `number` does.
  List<RepairStep> stepsOf(int number) {
    return number == attempts && !atLast.isEmpty() ? atLast : steps;
  }
}
