package dev.portcullis.qtest.wire;

import java.util.OptionalLong;

/// Numbers as C's `strtoull` reads them with base 0: `0x` begins hexadecimal, `0` octal, a sign is
/// allowed, and nothing may follow.
public final class Numbers {
  private Numbers() {}

  /// The 64 bits of the number, or empty if `word` is none or does not fit.
  public static OptionalLong parse(String word) {
    boolean negative = word.startsWith("-");
    String digits = negative || word.startsWith("+") ? word.substring(1) : word;
    int radix = 10;
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      radix = 16;
      digits = digits.substring(2);
    } else if (digits.startsWith("0")) {
      radix = 8;
    }
    OptionalLong value = unsigned(digits, radix);
    return negative && value.isPresent() ? OptionalLong.of(-value.getAsLong()) : value;
  }

  /// Only plain digits: what `Long.parseUnsignedLong` takes beyond them, signs and digits of other
  /// scripts, is not the protocol's.
  private static OptionalLong unsigned(String digits, int radix) {
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c > 'f' || Character.digit(c, radix) < 0) {
        return OptionalLong.empty();
      }
    }
    try {
      return OptionalLong.of(Long.parseUnsignedLong(digits, radix));
    } catch (NumberFormatException emptyOrTooLarge) {
      return OptionalLong.empty();
    }
  }
}
