package dev.portcullis.management.containment;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What changes where a partition stands.
public enum Trigger {
  /// Something speaks against it.
  SUSPECT,
  /// It must be cut off.
  CONTAIN,
  /// Nothing speaks against it any more.
  CLEAR,
  /// It is about to be mended.
  REMEDIATE,
  /// It was mended, and is well.
  VERIFY,
  /// It must be switched off.
  POWER_OFF,
  /// A person answers for it: cleared, or, if it is off, allowed to begin where only remediation is
  /// reachable.
  RELEASE,
  /// Its time is up.
  EXPIRE;

  /// Such as `power-off`.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The one that people write so; none for [#EXPIRE], which is time's.
  public static Optional<Trigger> of(String word) {
    return Arrays.stream(values())
        .filter(one -> one != EXPIRE && one.word().equals(word))
        .findFirst();
  }
}
