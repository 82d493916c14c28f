package dev.portcullis.net.packet;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An IPv4 address.
///
/// @param bits 32 bits, the first byte on the wire highest
public record Ipv4Address(int bits) {
  private static final Pattern DOTTED =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");

  /// The address written as `10.9.0.1`.
  ///
  /// @throws IllegalArgumentException if it is written otherwise
  public static Ipv4Address parse(String text) {
    Matcher parts = DOTTED.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("not an IPv4 address: " + text);
    }
    int bits = 0;
    for (int i = 1; i <= 4; i++) {
      int part = Integer.parseInt(parts.group(i));
      if (part > 255) {
        throw new IllegalArgumentException("not an IPv4 address: " + text);
      }
      bits = bits << 8 | part;
    }
    return new Ipv4Address(bits);
  }

  /// Whether it can be that of one host: not 0/8, loopback, multicast, reserved or broadcast.
  public boolean isHost() {
    int first = bits >>> 24;
    return first != 0 && first != 127 && first < 224;
  }

  /// Whether both are in one network of `prefixBits` bits.
  public boolean isNear(Ipv4Address other, int prefixBits) {
    return prefixBits == 0 || (bits ^ other.bits) >>> 32 - prefixBits == 0;
  }

  @Override
  public String toString() {
    return "%d.%d.%d.%d".formatted(bits >>> 24, bits >>> 16 & 0xff, bits >>> 8 & 0xff, bits & 0xff);
  }
}
