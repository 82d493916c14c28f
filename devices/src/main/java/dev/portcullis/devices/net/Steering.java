package dev.portcullis.devices.net;

import dev.portcullis.net.packet.Packet;

/// Which pair of queues a conversation uses: frames of it come in where the driver sent last, so
/// that one processor does all of it.
///
/// @virtio 5.1 Network Device
final class Steering {
  private static final int BUCKETS = 256;

  /// The pair by the conversation's bucket, one more than its number; 0 where nothing was sent yet.
  /// Written by several threads: an old value costs another processor's cache, nothing else.
  private final byte[] sent = new byte[BUCKETS];

  Steering() {}

  /// The driver has sent `frame` through `pair`.
  void note(byte[] frame, int pair) {
    sent[bucket(frame)] = (byte) (pair + 1);
  }

  /// The pair for a frame that comes in, of the first `pairs`.
  int pairFor(byte[] frame, int pairs) {
    int bucket = bucket(frame);
    int last = sent[bucket] - 1;
    return last >= 0 && last < pairs ? last : bucket % pairs;
  }

  /// The same for both directions of a conversation.
  private static int bucket(byte[] frame) {
    Packet packet = Packet.of(frame);
    if (!packet.isIp()) {
      return 0;
    }
    long addresses =
        packet.ipSourceLow()
            + packet.ipDestinationLow()
            + packet.ipSourceHigh()
            + packet.ipDestinationHigh();
    long mixed =
        (addresses + (long) packet.sourcePort() + packet.destinationPort())
            * 0x9e37_79b9_7f4a_7c15L;
    return (int) (mixed >>> 56);
  }
}
