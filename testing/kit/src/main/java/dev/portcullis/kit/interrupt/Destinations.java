package dev.portcullis.kit.interrupt;

/// How wide a destination is: the field EIME of IRTA.
public enum Destinations {
  /// Bits [47:40] of an entry.
  BITS_8,
  /// Bits [63:32] of an entry.
  BITS_32;

  long bit() {
    return this == BITS_32 ? 1 << 11 : 0;
  }
}
