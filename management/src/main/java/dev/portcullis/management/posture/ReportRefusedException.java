package dev.portcullis.management.posture;

import java.util.Locale;

/// What somebody says of a partition's posture is not believed. The message says why.
public final class ReportRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final Refusal refusal;

  /// Why it is refused.
  public enum Refusal {
    /// It is not signed with the services partition's key, or is about another partition.
    FORGED,
    /// It was not made for this challenge, or was accepted before.
    REPLAYED,
    /// It was made too long ago, or in times to come.
    STALE,
    OVERSIZED,
    MALFORMED;

    /// Such as `forged`.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public ReportRefusedException(Refusal refusal, String message) {
    super(message);
    this.refusal = refusal;
  }

  public Refusal refusal() {
    return refusal;
  }
}
