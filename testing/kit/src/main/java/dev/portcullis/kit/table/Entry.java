package dev.portcullis.kit.table;

/// A root or context entry: 128 raw bits.
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
public record Entry(long lo, long hi) {
  /// All zero.
  public static final Entry ABSENT = new Entry(0, 0);

  /// This entry with one bit more.
  ///
  /// @param bit 0 to 127
  public Entry with(int bit) {
    return bit < 64 ? new Entry(lo | 1L << bit, hi) : new Entry(lo, hi | 1L << bit - 64);
  }

  /// This entry with one bit less.
  ///
  /// @param bit 0 to 127
  public Entry without(int bit) {
    return bit < 64 ? new Entry(lo & ~(1L << bit), hi) : new Entry(lo, hi & ~(1L << bit - 64));
  }

  /// This entry with bits `msb` to `lsb`, all in one half, replaced.
  ///
  /// @param msb 0 to 127
  /// @param lsb 0 to `msb`
  public Entry field(int msb, int lsb, long value) {
    long mask = -1L >>> 63 - msb + lsb;
    int shift = lsb & 63;
    return lsb < 64
        ? new Entry(lo & ~(mask << shift) | value << shift, hi)
        : new Entry(lo, hi & ~(mask << shift) | value << shift);
  }

  @Override
  public String toString() {
    return "%016x:%016x".formatted(hi, lo);
  }
}
