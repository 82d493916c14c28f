package dev.portcullis.management.health;

import java.util.Locale;

/// What could work otherwise, and what came of it.
///
/// @param id of the change, for whoever wants it undone; empty if there is nothing to change
/// @param text why, with the figures that were measured
public record Advice(String id, String subject, State state, String text) {

  /// Whether there is something to do.
  public enum State {
    /// It can be changed now.
    OFFERED,
    /// It was changed, and can be undone.
    APPLIED,
    /// It is as it should be, or must stay as it is; the text says why.
    KEPT;

    /// Such as `offered`.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
