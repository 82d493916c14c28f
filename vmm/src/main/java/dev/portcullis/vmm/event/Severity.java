package dev.portcullis.vmm.event;

import java.util.Locale;

/// How bad it is: the severities of syslog, the worst first.
public enum Severity {
  EMERGENCY,
  ALERT,
  CRITICAL,
  ERROR,
  WARNING,
  NOTICE,
  INFORMATIONAL,
  DEBUG;

  /// 0 to 7, as syslog counts.
  public int code() {
    return ordinal();
  }

  /// Whether it is as bad as `other`, or worse.
  public boolean isAtLeast(Severity other) {
    return ordinal() <= other.ordinal();
  }

  /// The next worse one; the worst is its own.
  public Severity worse() {
    return values()[Math.max(0, ordinal() - 1)];
  }

  /// In lower case, as it is written everywhere.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
