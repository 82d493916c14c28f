package dev.portcullis.vmm.filter.track;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Packet.Network;
import dev.portcullis.net.packet.Packet.Transport;
import dev.portcullis.net.packet.Protocol;
import java.nio.ByteBuffer;

/// Who talks to whom.
///
/// @param kind virtual LAN, version of IP, and protocol
/// @param sourcePort of echo requests, their identifier; 0 where there are no ports
record FlowKey(
    int kind,
    long sourceHigh,
    long sourceLow,
    long destinationHigh,
    long destinationLow,
    int sourcePort,
    int destinationPort) {
  private static final int VERSION_6 = 0x100;
  private static final int VLAN_BITS = 16;

  /// Of what an ICMP error quotes: the IP header and eight bytes more.
  private static final int QUOTED_BYTES = 8;

  /// Of an IP packet.
  static FlowKey of(Packet packet, int vlanId) {
    boolean six = packet.network() == Network.IPV6;
    boolean echo = packet.transport() == Transport.ICMP || packet.transport() == Transport.ICMPV6;
    return new FlowKey(
        kind(vlanId, six, packet.protocol()),
        packet.ipSourceHigh(),
        packet.ipSourceLow(),
        packet.ipDestinationHigh(),
        packet.ipDestinationLow(),
        echo ? packet.icmpEchoId() : Math.max(0, packet.sourcePort()),
        echo ? packet.icmpEchoId() : Math.max(0, packet.destinationPort()));
  }

  private static int kind(int vlanId, boolean six, int protocol) {
    return vlanId << VLAN_BITS | (six ? VERSION_6 : 0) | protocol & 0xff;
  }

  /// Of the packet that an ICMP error quotes; `null` if that makes no sense.
  static FlowKey quotedIn(Packet error, int vlanId) {
    int at = error.transportAt() + 8;
    int available = error.endAt() - at;
    ByteBuffer bytes = ByteBuffer.wrap(error.frame());
    if (error.network() == Network.IPV6) {
      // What stands behind extension headers is not looked for.
      boolean whole = available >= 40 + QUOTED_BYTES && bytes.get(at) >> 4 == 6;
      return whole ? quoted6(bytes, at, vlanId) : null;
    }
    int headerBytes = available < 20 ? 0 : (bytes.get(at) & 0xf) * 4;
    boolean whole =
        headerBytes >= 20 && available >= headerBytes + QUOTED_BYTES && bytes.get(at) >> 4 == 4;
    return whole ? quoted4(bytes, at, headerBytes, vlanId) : null;
  }

  private static FlowKey quoted4(ByteBuffer bytes, int at, int headerBytes, int vlanId) {
    int protocol = bytes.get(at + 9) & 0xff;
    int behind = at + headerBytes;
    return new FlowKey(
        kind(vlanId, false, protocol),
        0,
        bytes.getInt(at + 12) & 0xffff_ffffL,
        0,
        bytes.getInt(at + 16) & 0xffff_ffffL,
        port(bytes, behind, protocol, 0),
        port(bytes, behind, protocol, 2));
  }

  private static FlowKey quoted6(ByteBuffer bytes, int at, int vlanId) {
    int protocol = bytes.get(at + 6) & 0xff;
    return new FlowKey(
        kind(vlanId, true, protocol),
        bytes.getLong(at + 8),
        bytes.getLong(at + 16),
        bytes.getLong(at + 24),
        bytes.getLong(at + 32),
        port(bytes, at + 40, protocol, 0),
        port(bytes, at + 40, protocol, 2));
  }

  private static int port(ByteBuffer bytes, int at, int protocol, int which) {
    return switch (protocol) {
      case Protocol.TCP, Protocol.UDP -> bytes.getShort(at + which) & 0xffff;
      case Protocol.ICMP, Protocol.ICMPV6 -> bytes.getShort(at + 4) & 0xffff;
      default -> 0;
    };
  }

  /// The other way.
  FlowKey reversed() {
    return new FlowKey(
        kind, destinationHigh, destinationLow, sourceHigh, sourceLow, destinationPort, sourcePort);
  }
}
