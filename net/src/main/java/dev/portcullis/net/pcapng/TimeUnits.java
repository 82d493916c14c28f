package dev.portcullis.net.pcapng;

import java.math.BigInteger;

/// What a time of a file means: a number of fractions of a second since a moment.
///
/// @param base 10 or 2
/// @param exponent a second has `base` to this power of them: 0 to 127
/// @param offsetSeconds when the moment was, after 1970
record TimeUnits(int base, int exponent, long offsetSeconds) {
  /// What holds if a file does not say.
  static final TimeUnits MICROSECONDS = new TimeUnits(10, 6, 0);

  private static final int BINARY = 0x80;
  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);
  private static final BigInteger LATEST = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger EARLIEST = BigInteger.valueOf(Long.MIN_VALUE);

  /// @param resolution as in the option if_tsresol
  TimeUnits withResolution(int resolution) {
    return new TimeUnits((resolution & BINARY) == 0 ? 10 : 2, resolution & 0x7f, offsetSeconds);
  }

  TimeUnits withOffset(long seconds) {
    return new TimeUnits(base, exponent, seconds);
  }

  /// Nanoseconds since 1970; the last there is (in the year 2262) for what is later.
  ///
  /// @param time 64 bits, without sign
  long nanos(long time) {
    if (base == 10 && exponent == 9 && offsetSeconds == 0 && time >= 0) {
      return time;
    }
    BigInteger nanos =
        new BigInteger(Long.toUnsignedString(time))
            .multiply(NANOS)
            .divide(BigInteger.valueOf(base).pow(exponent))
            .add(BigInteger.valueOf(offsetSeconds).multiply(NANOS));
    return nanos.min(LATEST).max(EARLIEST).longValue();
  }
}
