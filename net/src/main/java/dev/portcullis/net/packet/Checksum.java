package dev.portcullis.net.packet;

/// The Internet checksum (RFC 1071): the complement of the one's complement sum of 16-bit words.
public final class Checksum {
  private Checksum() {}

  /// The sum so far, continued over `length` bytes from `from` on; an odd last byte counts as the
  /// high half of a word.
  public static long add(long sum, byte[] bytes, int from, int length) {
    long total = sum;
    for (int i = 0; i < length; i++) {
      int b = bytes[from + i] & 0xff;
      total += (i & 1) == 0 ? b << 8 : b;
    }
    return total;
  }

  /// The checksum, 16 bits, of a sum.
  public static int finish(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (int) ~folded & 0xffff;
  }
}
