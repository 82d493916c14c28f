package dev.portcullis.net.tcp;

/// How large the buffers of connections are.
///
/// @param bufferBytes what waits to be sent, and what waits to be read; a power of two
/// @param mssBytes the longest data in a segment, both ways
public record Settings(int bufferBytes, int mssBytes) {
  /// On Ethernet.
  public static final Settings ETHERNET = new Settings(1 << 18, 1460);

  private static final int MOST_UNSCALED = 0xffff;

  public Settings {
    if (Integer.bitCount(bufferBytes) != 1 || mssBytes < 1) {
      throw new IllegalArgumentException(bufferBytes + " bytes, segments of " + mssBytes);
    }
  }

  /// The smallest scaling of windows that can say the whole buffer.
  int windowShift() {
    int shift = 0;
    while (bufferBytes >>> shift > MOST_UNSCALED) {
      shift++;
    }
    return shift;
  }
}
