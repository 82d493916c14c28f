package dev.portcullis.vmm.filter.rule;

/// A number of 128 bits, without sign: an address, a port, whatever a field holds.
public record Value(long high, long low) implements Comparable<Value> {

  /// @param low 64 bits, without sign
  public static Value of(long low) {
    return new Value(0, low);
  }

  @Override
  public int compareTo(Value other) {
    return compare(high, low, other.high, other.low);
  }

  /// As [#compareTo], without objects.
  public static int compare(long high, long low, long otherHigh, long otherLow) {
    int byHigh = Long.compareUnsigned(high, otherHigh);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, otherLow);
  }

  /// Whether no more than the lowest `bits` bits are used.
  public boolean fitsIn(int bits) {
    return bits >= 128 || (bits >= 64 ? high >>> (bits - 64) == 0 : high == 0 && low >>> bits == 0);
  }

  /// All bits below `bit` set.
  public Value withLowBits(int bits) {
    long lowMask = bits >= 64 ? -1 : (1L << bits) - 1;
    long highMask = bits >= 128 ? -1 : bits > 64 ? (1L << bits - 64) - 1 : 0;
    return new Value(high | highMask, low | lowMask);
  }

  /// All bits below `bit` clear.
  public Value withoutLowBits(int bits) {
    Value mask = new Value(0, 0).withLowBits(bits);
    return new Value(high & ~mask.high, low & ~mask.low);
  }
}
