package dev.portcullis.kit.random;

/// One entry of one hostile table.
///
/// @param kind what it is
/// @param hpa where it is
/// @param level of second-stage tables and host permission tables
public record Slot(Kind kind, long hpa, int level) {
  /// Kinds of entries.
  public enum Kind {
    ROOT(1),
    CONTEXT(4),
    DIRECTORY(1),
    PASID(8),
    SECOND_STAGE(1),
    FIRST_STAGE(1),
    /// First-stage entries with guest physical addresses.
    GUEST(1),
    PERMISSION(2);

    private final int words;

    Kind(int words) {
      this.words = words;
    }

    /// 64-bit words of an entry.
    public int words() {
      return words;
    }

    boolean isPaging() {
      return this == SECOND_STAGE || this == FIRST_STAGE || this == GUEST;
    }
  }

  /// Whether a unit sets flags in it.
  public boolean isPaging() {
    return kind.isPaging();
  }
}
