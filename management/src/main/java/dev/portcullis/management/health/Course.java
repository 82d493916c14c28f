package dev.portcullis.management.health;

/// How the repair of one thing goes.
///
/// ```
///   ill ──▶ attempt ──▶ pause ──▶ ill? ──▶ attempt ──▶ twice the pause ──▶ … ──▶ given up
///    ▲                              │
///    └────── long enough well ◀─────┘
/// ```
///
/// For one thread.
final class Course {
  private static final int MOST_DOUBLINGS = 16;

  private final RepairRule rule;
  private int attempts;
  private long notBeforeNanos;
  private boolean pausing;
  private long wellSinceNanos;
  private boolean isWell;
  private boolean givenUp;

  /// How it is.
  enum Condition {
    WELL,
    ILL,
    /// Somebody else decides about it, or it cannot be said.
    HELD
  }

  /// What is to be done.
  enum Verdict {
    NOTHING,
    ATTEMPT,
    /// Told once: nothing is done from now on.
    GIVE_UP
  }

  Course(RepairRule rule) {
    this.rule = rule;
  }

  /// @param nowNanos as [System#nanoTime]
  Verdict judge(Condition condition, long nowNanos) {
    if (condition == Condition.WELL) {
      well(nowNanos);
      return Verdict.NOTHING;
    }
    isWell = false;
    if (condition == Condition.HELD || givenUp || pausing && nowNanos - notBeforeNanos < 0) {
      return Verdict.NOTHING;
    }
    if (attempts == rule.attempts()) {
      givenUp = true;
      return Verdict.GIVE_UP;
    }
    attempts++;
    return Verdict.ATTEMPT;
  }

  private void well(long nowNanos) {
    if (!isWell) {
      isWell = true;
      wellSinceNanos = nowNanos;
    }
    if (nowNanos - wellSinceNanos >= rule.proof().toNanos()) {
      attempts = 0;
      pausing = false;
      givenUp = false;
    }
  }

  /// The attempt has ended.
  void attempted(long nowNanos) {
    pausing = true;
    notBeforeNanos = nowNanos + (rule.pause().toNanos() << Math.min(attempts - 1, MOST_DOUBLINGS));
  }

  /// The attempt was none: somebody else has begun to decide before anything was done.
  void withdraw() {
    attempts--;
  }

  /// How many there were.
  int attempts() {
    return attempts;
  }
}
