package dev.portcullis.vmm.platform.description;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An IPv4 address, and how long the prefix of its network is.
///
/// @param address 32 bits, the first byte highest
/// @param prefixBits 0 to 32
public record NetworkAddress(int address, int prefixBits) {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})/(\\d{1,2})");

  /// Reads `10.9.0.2/24`.
  ///
  /// @throws IllegalArgumentException if `text` is none
  public static NetworkAddress parse(String text) {
    Matcher matcher = FORM.matcher(text);
    boolean sound = matcher.matches() && Integer.parseInt(matcher.group(5)) <= 32;
    int address = 0;
    for (int i = 1; sound && i <= 4; i++) {
      int b = Integer.parseInt(matcher.group(i));
      sound = b <= 255;
      address = address << 8 | b;
    }
    if (!sound) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not an address with its prefix, such as 10.9.0.2/24");
    }
    return new NetworkAddress(address, Integer.parseInt(matcher.group(5)));
  }

  /// `10.9.0.2`, without the prefix.
  public static String toText(int address) {
    return "%d.%d.%d.%d"
        .formatted(address >>> 24, address >>> 16 & 0xff, address >>> 8 & 0xff, address & 0xff);
  }

  /// Reads `10.9.0.1`.
  ///
  /// @throws IllegalArgumentException if `text` is none
  public static int parseAddress(String text) {
    try {
      return parse(text + "/32").address();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("\"" + text + "\" is not an address, such as 10.9.0.1", e);
    }
  }

  @Override
  public String toString() {
    return toText(address) + "/" + prefixBits;
  }
}
