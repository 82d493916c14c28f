package dev.portcullis.net.host;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Protocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// UDP (RFC 768): ports, and who listens there.
final class UdpLayer {
  private static final int HEADER_BYTES = 8;
  private static final int MOST_SOCKETS = 1024;

  private final Work work;
  private final Ipv4Layer ip;
  private final IcmpLayer icmp;
  private final Counters counters;
  private final Map<Integer, UdpSocket> sockets = new ConcurrentHashMap<>();

  UdpLayer(Work work, Ipv4Layer ip, IcmpLayer icmp, Counters counters) {
    this.work = work;
    this.ip = ip;
    this.icmp = icmp;
    this.counters = counters;
  }

  boolean isOpen() {
    return work.isOpen();
  }

  void lost() {
    counters.dropped();
  }

  /// @param port 0 for any that is free
  UdpSocket open(int port) throws IOException {
    if (sockets.size() >= MOST_SOCKETS) {
      throw new IOException("too many sockets");
    }
    if (port != 0) {
      UdpSocket socket = new UdpSocket(this, port);
      if (sockets.putIfAbsent(port, socket) != null) {
        throw new IOException("UDP port " + port + " is taken");
      }
      return socket;
    }
    while (true) {
      UdpSocket socket = new UdpSocket(this, Ports.random());
      if (sockets.putIfAbsent(socket.port(), socket) == null) {
        return socket;
      }
    }
  }

  void close(UdpSocket socket) {
    sockets.remove(socket.port(), socket);
  }

  /// @return whether the datagram was of any use
  boolean receive(Packet packet, long nowNanos) {
    byte[] frame = packet.frame();
    int at = packet.transportAt();
    ByteBuffer header = ByteBuffer.wrap(frame, at, HEADER_BYTES).slice();
    int bytes = header.getShort(4) & 0xffff;
    if (bytes != packet.endAt() - at) {
      return false;
    }
    if (header.getShort(6) != 0 && !Ipv4Layer.isUndamaged(packet)) {
      return false;
    }
    UdpSocket socket = sockets.get(packet.destinationPort());
    if (socket == null) {
      icmp.portUnreachable(packet, nowNanos);
      return false;
    }
    byte[] content = new byte[bytes - HEADER_BYTES];
    System.arraycopy(frame, at + HEADER_BYTES, content, 0, content.length);
    Ipv4Address from = Ipv4Layer.source(packet);
    socket.received(new Datagram(from, packet.sourcePort(), content));
    return true;
  }

  /// Has the host's thread send a datagram; with too much waiting for it, loses it.
  void send(int fromPort, Datagram datagram) {
    work.offer(now -> sendNow(fromPort, datagram, now));
  }

  private void sendNow(int fromPort, Datagram datagram, long nowNanos) {
    byte[] content = datagram.bytes();
    ByteBuffer frame = ip.frame(Protocol.UDP, datagram.address(), HEADER_BYTES + content.length);
    frame.putShort((short) fromPort).putShort((short) datagram.port());
    frame.putShort((short) (HEADER_BYTES + content.length)).putShort((short) 0).put(content);
    int checksum = Ipv4Layer.checksum(frame);
    // 0 would mean that there is none.
    frame.putShort(Ipv4Layer.PAYLOAD_AT + 6, (short) (checksum == 0 ? 0xffff : checksum));
    ip.send(frame, nowNanos);
  }
}
