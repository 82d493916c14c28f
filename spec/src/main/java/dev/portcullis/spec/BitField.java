package dev.portcullis.spec;

/// A named run of bits in a 64-bit word, bit 0 being the least significant.
///
/// Declare each field once as a `static final` constant: HotSpot then folds an access to a shift
/// and a mask.
///
/// @param name the specification's own letters for the field
/// @param msb most significant bit of the field, 0 to 63
/// @param lsb least significant bit of the field, 0 to `msb`
public record BitField(String name, int msb, int lsb) {

  public BitField {
    if (lsb < 0 || msb < lsb || msb > 63) {
      throw new IllegalArgumentException(name + ": bad bit range [" + msb + ":" + lsb + "]");
    }
  }

  /// The one-bit field `name` at position `bit`.
  public static BitField bit(String name, int bit) {
    return new BitField(name, bit, bit);
  }

  /// The field `name` from bit `msb` down to bit `lsb`, both included.
  public static BitField bits(String name, int msb, int lsb) {
    return new BitField(name, msb, lsb);
  }

  /// Width of the field in bits, 1 to 64.
  public int width() {
    return msb - lsb + 1;
  }

  /// The word with ones exactly where the field is.
  public long mask() {
    return (-1L >>> (63 - msb + lsb)) << lsb;
  }

  /// The field's value in `word`, shifted down to bit 0.
  public long of(long word) {
    return (word & mask()) >>> lsb;
  }

  /// The field's value in `word` as an `int`; for fields of at most 32 bits.
  public int intOf(long word) {
    return (int) of(word);
  }

  /// Whether any bit of the field is set in `word`.
  public boolean isSet(long word) {
    return (word & mask()) != 0;
  }

  /// The field's bits of `word`, left where they are; every other bit is 0.
  public long inPlace(long word) {
    return word & mask();
  }

  /// `word` with the field replaced by the low bits of `value`.
  ///
  /// @throws IllegalArgumentException if `value` does not fit the field
  public long with(long word, long value) {
    if (value << lsb >>> lsb != value || (value << lsb & ~mask()) != 0) {
      throw new IllegalArgumentException(
          name + ": " + Long.toHexString(value) + " does not fit in " + width() + " bits");
    }
    return word & ~mask() | value << lsb;
  }

  /// A word that is 0 but for this field, which holds `value`.
  ///
  /// @throws IllegalArgumentException if `value` does not fit the field
  public long encode(long value) {
    return with(0, value);
  }
}
