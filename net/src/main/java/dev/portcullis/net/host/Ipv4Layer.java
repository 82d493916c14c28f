package dev.portcullis.net.host;

import dev.portcullis.net.packet.Checksum;
import dev.portcullis.net.packet.EtherType;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.MacAddress;
import dev.portcullis.net.packet.Packet;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/// IPv4 (RFC 791) without fragments and options: checks what comes in, heads what goes out. Used by
/// the host's thread alone.
final class Ipv4Layer {
  static final int HEADER_BYTES = 20;

  /// Where the payload starts in a frame of ours.
  static final int PAYLOAD_AT = Packet.ETHERNET_BYTES + HEADER_BYTES;

  static final int MTU_BYTES = 1500;

  private static final int TIME_TO_LIVE = 64;
  private static final int DO_NOT_FRAGMENT = 0x4000;

  private final HostOptions own;
  private final ArpTable arp;
  private int identification;

  Ipv4Layer(HostOptions own, Consumer<byte[]> wire) {
    this.own = own;
    this.arp = new ArpTable(own, wire);
  }

  ArpTable arp() {
    return arp;
  }

  /// Whether an IPv4 packet is whole, undamaged, for us and from a host; its sender is remembered.
  boolean accepts(Packet packet, long nowNanos) {
    byte[] frame = packet.frame();
    int at = packet.networkAt();
    boolean sound =
        packet.network() == Packet.Network.IPV4
            && packet.tags() == 0
            && packet.destination() == own.mac().bits()
            && !packet.isFragment()
            && packet.ipDestinationLow() == Integer.toUnsignedLong(own.address().bits());
    if (!sound) {
      return false;
    }
    int headerBytes = (frame[at] & 0xf) * 4;
    Ipv4Address from = source(packet);
    MacAddress mac = new MacAddress(packet.source());
    if (Checksum.finish(Checksum.add(0, frame, at, headerBytes)) != 0
        || !from.isHost()
        || from.equals(own.address())
        || mac.isForMany()) {
      return false;
    }
    arp.hint(from, mac, nowNanos);
    return true;
  }

  static Ipv4Address source(Packet packet) {
    return new Ipv4Address((int) packet.ipSourceLow());
  }

  /// Whether the checksum of a TCP segment or UDP datagram is right.
  static boolean isUndamaged(Packet packet) {
    int at = packet.networkAt();
    int bytes = packet.endAt() - packet.transportAt();
    long sum = Checksum.add(packet.protocol() + bytes, packet.frame(), at + 12, 8);
    return Checksum.finish(Checksum.add(sum, packet.frame(), packet.transportAt(), bytes)) == 0;
  }

  /// An empty frame for a payload of `payloadBytes`, at [#PAYLOAD_AT].
  ByteBuffer frame(int protocol, Ipv4Address to, int payloadBytes) {
    ByteBuffer out = ByteBuffer.allocate(PAYLOAD_AT + payloadBytes);
    own.mac().write(out.array(), 6);
    out.putShort(12, (short) EtherType.IPV4);
    out.putShort(14, (short) 0x4500);
    out.putShort(16, (short) (HEADER_BYTES + payloadBytes));
    out.putShort(18, (short) identification++);
    out.putShort(20, (short) DO_NOT_FRAGMENT);
    out.put(22, (byte) TIME_TO_LIVE);
    out.put(23, (byte) protocol);
    out.putInt(26, own.address().bits());
    out.putInt(30, to.bits());
    out.putShort(24, (short) Checksum.finish(Checksum.add(0, out.array(), 14, HEADER_BYTES)));
    return out.position(PAYLOAD_AT);
  }

  /// The checksum of the payload of a frame of ours and of the pseudo header before it; the field
  /// it belongs into still holds 0.
  static int checksum(ByteBuffer frame) {
    int bytes = frame.capacity() - PAYLOAD_AT;
    long sum = Checksum.add(frame.get(23) + bytes, frame.array(), 26, 8);
    return Checksum.finish(Checksum.add(sum, frame.array(), PAYLOAD_AT, bytes));
  }

  /// Sends a frame made by [#frame], now or when the next station is known; one to another network
  /// is dropped if there is no gateway.
  void send(ByteBuffer frame, long nowNanos) {
    Ipv4Address to = new Ipv4Address(frame.getInt(30));
    Optional<Ipv4Address> hop = own.nextHop(to);
    if (hop.isPresent()) {
      arp.send(frame.array(), hop.get(), nowNanos);
    }
  }
}
