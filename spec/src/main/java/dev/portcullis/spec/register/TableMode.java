package dev.portcullis.spec.register;

/// How the root table address register says tables are to be read: the field TTM.
///
/// @vtd 11.4.6 Root Table Address Register
public enum TableMode {
  LEGACY(0),
  SCALABLE(1),
  /// Means nothing.
  RESERVED(2),
  /// Every DMA is refused.
  ABORT(3);

  private final int code;

  TableMode(int code) {
    this.code = code;
  }

  /// The two bits.
  public int code() {
    return code;
  }

  /// What the low two bits of `code` mean.
  public static TableMode of(int code) {
    return switch (code & 3) {
      case 0 -> LEGACY;
      case 1 -> SCALABLE;
      case 2 -> RESERVED;
      default -> ABORT;
    };
  }
}
