package dev.portcullis.machine.description;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sizes as people write them: `512M`, `1GiB`, `4096`. Units are powers of 1024.
public final class ByteSize {
  private static final Pattern TEXT =
      Pattern.compile("(\\d{1,15})\\s*([KMGT]?)(?:I?B)?", Pattern.CASE_INSENSITIVE);
  private static final String UNITS = "KMGT";

  private ByteSize() {}

  /// The number of bytes that `text` says.
  ///
  /// @throws IllegalArgumentException if it says none, or more than 2^63 − 1
  public static long parse(String text) {
    Matcher m = TEXT.matcher(text.strip());
    if (m.matches()) {
      long count = Long.parseLong(m.group(1));
      int shift =
          m.group(2).isEmpty()
              ? 0
              : 10 * (UNITS.indexOf(m.group(2).toUpperCase(Locale.ROOT).charAt(0)) + 1);
      if (count << shift >>> shift == count && count << shift >= 0) {
        return count << shift;
      }
    }
    throw new IllegalArgumentException(
        "\"" + text + "\" is not a size, such as 512M or 1G or a number of bytes");
  }

  /// `bytes` in the largest unit that keeps it whole: `512 MiB`.
  public static String toText(long bytes) {
    int step = bytes == 0 ? 0 : Math.min(UNITS.length(), Long.numberOfTrailingZeros(bytes) / 10);
    return step == 0
        ? bytes + " bytes"
        : (bytes >> 10 * step) + " " + UNITS.charAt(step - 1) + "iB";
  }
}
