package dev.portcullis.devices.wire;

import dev.portcullis.net.Link;
import dev.portcullis.net.packet.Checksum;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/// The host at the other end of the cable: 10.9.0.1, which answers ARP, ping and what comes to UDP
/// port 7 (echo).
///
/// Everything else, and everything malformed or with a wrong checksum, is dropped, as are IP
/// fragments. Answers are made on the thread of the sender; the peer remembers nothing.
public final class Peer implements Link {
  private static final byte[] MAC = {0x02, 0x70, 0x63, 0, 0, 1};
  private static final int IP = 0x0a09_0001;
  private static final int ECHO_PORT = 7;

  private static final int ETHERNET_BYTES = 14;
  private static final int ETHERTYPE = 12;
  private static final int ETHERTYPE_IPV4 = 0x0800;
  private static final int ETHERTYPE_ARP = 0x0806;

  private static final int ARP_BYTES = 28;
  private static final long ARP_REQUEST = 0x0001_0800_0604_0001L;
  private static final int ARP_REPLY = 2;

  private static final int IP_BYTES = 20;
  private static final int FRAGMENT = 0x3fff;
  private static final int ICMP = 1;
  private static final int ICMP_BYTES = 8;
  private static final int ECHO_REQUEST = 0x0800;
  private static final int UDP = 17;
  private static final int UDP_BYTES = 8;

  private volatile Consumer<byte[]> receiver = frame -> {};

  public Peer() {}

  @Override
  public void connect(Consumer<byte[]> to) {
    receiver = to;
  }

  @Override
  public void send(byte[] frame) {
    if (frame.length < ETHERNET_BYTES) {
      return;
    }
    ByteBuffer in = ByteBuffer.wrap(frame);
    byte[] answer =
        switch (in.getShort(ETHERTYPE) & 0xffff) {
          case ETHERTYPE_ARP -> answerArp(in);
          case ETHERTYPE_IPV4 -> isForUs(frame) ? answerIp(in) : null;
          default -> null;
        };
    if (answer != null) {
      receiver.accept(answer);
    }
  }

  private static boolean isForUs(byte[] frame) {
    return Arrays.equals(frame, 0, MAC.length, MAC, 0, MAC.length);
  }

  private static void addressBack(byte[] from, ByteBuffer out) {
    out.put(0, from, MAC.length, MAC.length);
    out.put(MAC.length, MAC);
    out.put(ETHERTYPE, from, ETHERTYPE, 2);
  }

  private static byte[] answerArp(ByteBuffer in) {
    if (in.capacity() < ETHERNET_BYTES + ARP_BYTES
        || in.getLong(ETHERNET_BYTES) != ARP_REQUEST
        || in.getInt(38) != IP) {
      return null;
    }
    byte[] answer = Arrays.copyOf(in.array(), ETHERNET_BYTES + ARP_BYTES);
    ByteBuffer out = ByteBuffer.wrap(answer);
    addressBack(in.array(), out);
    out.putShort(20, (short) ARP_REPLY);
    out.put(22, MAC);
    out.putInt(28, IP);
    out.put(32, in.array(), 22, 10);
    return answer;
  }

  /// Answers with a header without options.
  private static byte[] answerIp(ByteBuffer in) {
    int available = in.capacity() - ETHERNET_BYTES;
    int headerBytes = available < IP_BYTES ? 0 : (in.get(ETHERNET_BYTES) & 0xf) * 4;
    if (headerBytes < IP_BYTES || headerBytes > available || in.get(ETHERNET_BYTES) >> 4 != 4) {
      return null;
    }
    int totalBytes = in.getShort(ETHERNET_BYTES + 2) & 0xffff;
    boolean sound =
        totalBytes >= headerBytes
            && totalBytes <= available
            && (in.getShort(ETHERNET_BYTES + 6) & FRAGMENT) == 0
            && Checksum.finish(Checksum.add(0, in.array(), ETHERNET_BYTES, headerBytes)) == 0;
    if (!sound || in.getInt(ETHERNET_BYTES + 16) != IP) {
      return null;
    }
    int protocol = in.get(ETHERNET_BYTES + 9);
    int payloadAt = ETHERNET_BYTES + headerBytes;
    ByteBuffer payload = ByteBuffer.allocate(totalBytes - headerBytes);
    payload.put(0, in.array(), payloadAt, payload.capacity());
    int source = in.getInt(ETHERNET_BYTES + 12);
    boolean answered =
        switch (protocol) {
          case ICMP -> echo(payload);
          case UDP -> echoDatagram(payload, source);
          default -> false;
        };
    return answered ? wrap(in, protocol, payload) : null;
  }

  private static byte[] wrap(ByteBuffer in, int protocol, ByteBuffer payload) {
    int totalBytes = IP_BYTES + payload.capacity();
    ByteBuffer out = ByteBuffer.allocate(ETHERNET_BYTES + totalBytes);
    addressBack(in.array(), out);
    out.putShort(ETHERNET_BYTES, (short) 0x4500);
    out.putShort(ETHERNET_BYTES + 2, (short) totalBytes);
    out.put(ETHERNET_BYTES + 8, (byte) 64);
    out.put(ETHERNET_BYTES + 9, (byte) protocol);
    out.putInt(ETHERNET_BYTES + 12, IP);
    out.putInt(ETHERNET_BYTES + 16, in.getInt(ETHERNET_BYTES + 12));
    int checksum = Checksum.finish(Checksum.add(0, out.array(), ETHERNET_BYTES, IP_BYTES));
    out.putShort(ETHERNET_BYTES + 10, (short) checksum);
    out.put(ETHERNET_BYTES + IP_BYTES, payload.array());
    return out.array();
  }

  /// Turns an echo request into its reply.
  private static boolean echo(ByteBuffer message) {
    if (message.capacity() < ICMP_BYTES
        || message.getShort(0) != ECHO_REQUEST
        || Checksum.finish(Checksum.add(0, message.array(), 0, message.capacity())) != 0) {
      return false;
    }
    message.putInt(0, 0);
    int checksum = Checksum.finish(Checksum.add(0, message.array(), 0, message.capacity()));
    message.putShort(2, (short) checksum);
    return true;
  }

  /// Turns a datagram to the echo port into its echo.
  private static boolean echoDatagram(ByteBuffer datagram, int source) {
    if (datagram.capacity() < UDP_BYTES
        || (datagram.getShort(4) & 0xffff) != datagram.capacity()
        || datagram.getShort(2) != ECHO_PORT) {
      return false;
    }
    if (datagram.getShort(6) != 0 && udpChecksum(datagram, source) != 0) {
      return false;
    }
    datagram.putShort(2, datagram.getShort(0));
    datagram.putShort(0, (short) ECHO_PORT);
    datagram.putShort(6, (short) 0);
    int checksum = udpChecksum(datagram, source);
    datagram.putShort(6, (short) (checksum == 0 ? 0xffff : checksum));
    return true;
  }

  /// Over the datagram and the pseudo header, in which the order of the addresses does not count.
  private static int udpChecksum(ByteBuffer datagram, int source) {
    byte[] pseudo =
        ByteBuffer.allocate(12)
            .putInt(source)
            .putInt(IP)
            .putShort((short) UDP)
            .putShort((short) datagram.capacity())
            .array();
    long sum = Checksum.add(0, pseudo, 0, pseudo.length);
    return Checksum.finish(Checksum.add(sum, datagram.array(), 0, datagram.capacity()));
  }
}
