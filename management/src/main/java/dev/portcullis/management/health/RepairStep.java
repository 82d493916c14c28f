package dev.portcullis.management.health;

import java.util.Locale;

/// What can be done about something that is ill. None of it gives anybody more than it had: what
/// was stopped stays stopped, what is not what its manifest says does not begin.
public enum RepairStep {
  /// The function is reset; its software, or what a restart brings, sets it up anew.
  RESET_FUNCTION,
  /// The partition begins anew.
  RESTART,
  /// The partition is rebuilt from its safe image; its data is kept.
  REBUILD;

  /// Such as `reset-function`.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
