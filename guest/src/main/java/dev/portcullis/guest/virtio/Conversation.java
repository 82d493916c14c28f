package dev.portcullis.guest.virtio;

/// Which frames belong together: those between the same two ends, by address and, with IPv4, by
/// protocol and port, as far as they stand where they do without options.
final class Conversation {
  private static final int ETHERNET_END = 14;
  private static final int TYPE = 12;
  private static final int IPV4 = 0x0800;
  private static final int PROTOCOL = 23;
  private static final int ADDRESSES = 26;
  private static final int PORTS_END = 38;

  private Conversation() {}

  /// The same number, at least 0, for all frames of a conversation.
  ///
  /// @param frame of at least 14 bytes
  static int hash(byte[] frame) {
    int hash = 0;
    for (int i = 0; i < ETHERNET_END; i++) {
      hash = 31 * hash + frame[i];
    }
    int type = (frame[TYPE] & 0xff) << 8 | frame[TYPE + 1] & 0xff;
    if (type == IPV4 && frame.length >= PORTS_END) {
      hash = 31 * hash + frame[PROTOCOL];
      for (int i = ADDRESSES; i < PORTS_END; i++) {
        hash = 31 * hash + frame[i];
      }
    }
    return (hash ^ hash >>> 16) & Integer.MAX_VALUE;
  }
}
