package dev.portcullis.devices.net;

import dev.portcullis.net.packet.Checksum;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Packet.Network;
import dev.portcullis.net.packet.Packet.Transport;
import dev.portcullis.net.packet.TcpFlags;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/// Work with checksums and segments that a driver leaves to the card.
///
/// @virtio 5.1 Network Device
final class Offload {
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int IPV4_LENGTH = 2;
  private static final int IPV4_ID = 4;
  private static final int IPV4_CHECKSUM = 10;
  private static final int IPV4_ADDRESSES = 12;
  private static final int IPV4_ADDRESSES_BYTES = 8;
  private static final int IPV6_ADDRESSES = 8;
  private static final int IPV6_ADDRESSES_BYTES = 32;
  private static final int TCP_SEQUENCE = 4;
  private static final int TCP_FLAGS = 13;
  private static final int TCP_CHECKSUM = 16;
  private static final int UDP_CHECKSUM = 6;
  private static final int CWR = 0x80;

  private Offload() {}

  /// Completes a checksum: the sum of all from `start` on goes to `at`.
  ///
  /// @return whether that is within the frame
  static boolean complete(byte[] frame, int start, int at) {
    if (at + 2 > frame.length) {
      return false;
    }
    int checksum = Checksum.finish(Checksum.add(0, frame, start, frame.length - start));
    // A UDP checksum of 0 would mean that there is none; in TCP the two are the same.
    int written = checksum == 0 ? 0xffff : checksum;
    frame[at] = (byte) (written >>> 8);
    frame[at + 1] = (byte) written;
    return true;
  }

  /// Whether the TCP or UDP checksum is there and right.
  static boolean isVerified(byte[] frame) {
    Packet packet = Packet.of(frame);
    boolean known = packet.transport() == Transport.TCP || packet.transport() == Transport.UDP;
    if (!known || packet.isFragment()) {
      return false;
    }
    int at = packet.transportAt();
    int lengthBytes = packet.endAt() - at;
    boolean isUdp = packet.transport() == Transport.UDP;
    int checksumAt = at + (isUdp ? UDP_CHECKSUM : TCP_CHECKSUM);
    if (isUdp && frame[checksumAt] == 0 && frame[checksumAt + 1] == 0) {
      return false;
    }
    long sum = pseudoHeader(packet, isUdp ? UDP : TCP, lengthBytes);
    return Checksum.finish(Checksum.add(sum, frame, at, lengthBytes)) == 0;
  }

  private static long pseudoHeader(Packet packet, int protocol, int lengthBytes) {
    long sum = protocol + lengthBytes;
    return packet.network() == Network.IPV4
        ? Checksum.add(
            sum, packet.frame(), packet.networkAt() + IPV4_ADDRESSES, IPV4_ADDRESSES_BYTES)
        : Checksum.add(
            sum, packet.frame(), packet.networkAt() + IPV6_ADDRESSES, IPV6_ADDRESSES_BYTES);
  }

  /// Cuts a TCP/IPv4 frame into frames of at most `segmentBytes` bytes of data each, complete with
  /// their checksums.
  ///
  /// @return how many; 0 if the frame is none of that kind, or would be longer than the wire takes
  static int segment(byte[] frame, int segmentBytes, Consumer<byte[]> to) {
    Packet packet = Packet.of(frame);
    boolean possible =
        packet.network() == Network.IPV4
            && packet.transport() == Transport.TCP
            && !packet.isFragment()
            && segmentBytes > 0
            && packet.dataAt() + Math.min(segmentBytes, packet.dataBytes()) <= Sender.LONGEST_FRAME;
    if (!possible) {
      return 0;
    }
    int count = Math.max(1, (packet.dataBytes() + segmentBytes - 1) / segmentBytes);
    for (int i = 0; i < count; i++) {
      to.accept(one(packet, i, count, segmentBytes));
    }
    return count;
  }

  private static byte[] one(Packet packet, int index, int count, int segmentBytes) {
    int offset = index * segmentBytes;
    int dataBytes = Math.min(segmentBytes, packet.dataBytes() - offset);
    byte[] bytes = Arrays.copyOf(packet.frame(), packet.dataAt() + dataBytes);
    System.arraycopy(packet.frame(), packet.dataAt() + offset, bytes, packet.dataAt(), dataBytes);
    ByteBuffer out = ByteBuffer.wrap(bytes);
    int ip = packet.networkAt();
    int tcp = packet.transportAt();
    out.putShort(ip + IPV4_LENGTH, (short) (bytes.length - ip));
    out.putShort(ip + IPV4_ID, (short) (out.getShort(ip + IPV4_ID) + index));
    out.putShort(ip + IPV4_CHECKSUM, (short) 0);
    int header = Checksum.finish(Checksum.add(0, bytes, ip, tcp - ip));
    out.putShort(ip + IPV4_CHECKSUM, (short) header);
    out.putInt(tcp + TCP_SEQUENCE, out.getInt(tcp + TCP_SEQUENCE) + offset);
    int cleared = (index == 0 ? 0 : CWR) | (index == count - 1 ? 0 : TcpFlags.FIN | TcpFlags.PSH);
    out.put(tcp + TCP_FLAGS, (byte) (bytes[tcp + TCP_FLAGS] & ~cleared));
    out.putShort(tcp + TCP_CHECKSUM, (short) 0);
    long sum = pseudoHeader(packet, TCP, bytes.length - tcp);
    int checksum = Checksum.finish(Checksum.add(sum, bytes, tcp, bytes.length - tcp));
    out.putShort(tcp + TCP_CHECKSUM, (short) checksum);
    return bytes;
  }
}
