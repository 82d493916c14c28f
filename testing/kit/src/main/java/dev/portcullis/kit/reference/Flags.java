package dev.portcullis.kit.reference;

import java.util.LinkedHashMap;
import java.util.Map;

/// The accessed and dirty flags of paging entries that a request sets in memory.
///
/// @vtd 3.6 First-Stage Translation
public final class Flags {
  private final Map<Long, Long> accessed = new LinkedHashMap<>();
  private final Map<Long, Long> dirty = new LinkedHashMap<>();
  private final Map<Long, Long> allowed = new LinkedHashMap<>();

  Flags() {}

  /// Flags that must be set in the entry at `hpa` once the request was answered.
  public long due(long hpa) {
    return accessed.getOrDefault(hpa, 0L) | dirty.getOrDefault(hpa, 0L);
  }

  /// Flags beside them that may be set.
  public long allowed(long hpa) {
    return allowed.getOrDefault(hpa, 0L);
  }

  /// The entry is used.
  void access(long hpa, long flags) {
    merge(accessed, hpa, flags);
  }

  /// What the entry maps is written, unless the request is refused in the end.
  void dirty(long hpa, long flags) {
    merge(dirty, hpa, flags);
  }

  void allow(long hpa, long flags) {
    merge(allowed, hpa, flags);
  }

  private static void merge(Map<Long, Long> into, long hpa, long flags) {
    into.merge(hpa, flags, (a, b) -> a | b);
  }

  /// The request was refused: that entries were used may show, that a page was written must not.
  ///
  /// @param late whether it was for a flag of the second stage that could not be set: those of the
  ///   first stage are set before
  void refused(boolean late) {
    accessed.forEach(this::allow);
    if (late) {
      dirty.forEach(this::allow);
    }
    accessed.clear();
    dirty.clear();
  }

  @Override
  public String toString() {
    return "accessed %s, dirty %s, allowed %s".formatted(accessed, dirty, allowed);
  }
}
