package dev.portcullis.unit.request;

/// How memory may be cached.
///
/// @vtd 3.10 Memory Type
public enum MemoryType {
  UNCACHEABLE(0),
  WRITE_COMBINING(1),
  WRITE_THROUGH(4),
  WRITE_PROTECTED(5),
  WRITE_BACK(6),
  /// Uncacheable where nothing says write-combining; in page attributes only.
  UNCACHEABLE_MINUS(7);

  private final int code;

  MemoryType(int code) {
    this.code = code;
  }

  /// The encoding in registers and entries.
  public int code() {
    return code;
  }

  /// The type with encoding `code`; what is reserved counts as uncacheable.
  public static MemoryType of(long code) {
    for (MemoryType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    return UNCACHEABLE;
  }

  /// What comes of this type, of a range or of the second stage, with the page attribute
  /// `attribute` of the first stage.
  public MemoryType with(MemoryType attribute) {
    return switch (attribute) {
      case UNCACHEABLE -> UNCACHEABLE;
      case UNCACHEABLE_MINUS ->
          this == WRITE_COMBINING || this == WRITE_PROTECTED ? WRITE_COMBINING : UNCACHEABLE;
      case WRITE_COMBINING -> WRITE_COMBINING;
      case WRITE_THROUGH -> withWriteThrough();
      case WRITE_BACK -> this == UNCACHEABLE_MINUS ? UNCACHEABLE : this;
      case WRITE_PROTECTED -> withWriteProtected();
    };
  }

  private MemoryType withWriteThrough() {
    return switch (this) {
      case WRITE_THROUGH, WRITE_BACK, WRITE_PROTECTED -> WRITE_THROUGH;
      default -> UNCACHEABLE;
    };
  }

  private MemoryType withWriteProtected() {
    return switch (this) {
      case WRITE_THROUGH, WRITE_BACK, WRITE_PROTECTED -> WRITE_PROTECTED;
      case WRITE_COMBINING -> WRITE_COMBINING;
      default -> UNCACHEABLE;
    };
  }
}
