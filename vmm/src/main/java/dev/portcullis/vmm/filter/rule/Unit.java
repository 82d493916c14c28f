package dev.portcullis.vmm.filter.rule;

import java.util.Locale;

/// How long a limit's frames are counted.
public enum Unit {
  SECOND(1),
  MINUTE(60),
  HOUR(3_600),
  DAY(86_400),
  WEEK(604_800);

  private final long seconds;

  Unit(long seconds) {
    this.seconds = seconds;
  }

  public long nanos() {
    return seconds * 1_000_000_000;
  }

  /// As rulesets call it.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
