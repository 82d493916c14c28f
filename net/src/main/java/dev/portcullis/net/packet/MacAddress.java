package dev.portcullis.net.packet;

import java.util.HexFormat;

/// The address of an Ethernet station.
///
/// @param bits 48 bits, the first byte on the wire highest
public record MacAddress(long bits) {
  public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);
  public static final MacAddress NONE = new MacAddress(0);
  public static final int BYTES = 6;

  private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

  public MacAddress {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException("more than 48 bits: " + Long.toHexString(bits));
    }
  }

  /// The address written as `02:70:63:00:00:01`.
  ///
  /// @throws IllegalArgumentException if it is written otherwise
  public static MacAddress parse(String text) {
    byte[] bytes = COLONS.parseHex(text);
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("not six bytes: " + text);
    }
    long bits = 0;
    for (byte b : bytes) {
      bits = bits << 8 | b & 0xff;
    }
    return new MacAddress(bits);
  }

  /// Whether it names more than one station.
  public boolean isForMany() {
    return (bits >>> 40 & 1) != 0;
  }

  /// Puts its six bytes into `bytes` at `at`.
  public void write(byte[] bytes, int at) {
    for (int i = 0; i < BYTES; i++) {
      bytes[at + i] = (byte) (bits >>> 40 - 8 * i);
    }
  }

  @Override
  public String toString() {
    byte[] bytes = new byte[BYTES];
    write(bytes, 0);
    return COLONS.formatHex(bytes);
  }
}
