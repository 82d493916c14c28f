package dev.portcullis.unit.policy;

/// A width of guest addresses, and so a depth of second-stage tables.
///
/// @vtd 11.4.2 Capability Register
public enum AddressWidth {
  /// 39 bits, 3 levels.
  BITS_39(0b00010),
  /// 48 bits, 4 levels.
  BITS_48(0b00100),
  /// 57 bits, 5 levels.
  BITS_57(0b01000);

  private final int sagawBit;

  AddressWidth(int sagawBit) {
    this.sagawBit = sagawBit;
  }

  /// The bit that announces this width in the SAGAW field.
  public int sagawBit() {
    return sagawBit;
  }
}
