package dev.portcullis.vmm.partition;

import java.util.Locale;

/// When the unit is made to forget pages that a partition loses.
///
/// @vtd 6.5 Invalidation of Translation Caches
public enum Invalidation {
  /// Before the call returns that takes them.
  STRICT,
  /// A little later, for many at once. Until then they are the partition's still, and nobody's to
  /// have.
  DEFERRED;

  /// Such as `deferred`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
