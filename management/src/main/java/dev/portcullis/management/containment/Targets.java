package dev.portcullis.management.containment;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Packet.Transport;
import dev.portcullis.net.packet.TcpFlags;

/// What a frame tries to reach, where it is the first of a conversation.
final class Targets {
  /// Of frames that try to reach nothing new.
  static final long NONE = 0;

  private static final int ARP_REQUEST = 1;
  private static final int ICMP_ECHO = 8;
  private static final long ARP = 1L << 56;
  private static final long IPV4 = 2L << 56;
  private static final long IPV6 = 3L << 56;
  private static final long WIDE = 0x9e37_79b9_7f4a_7c15L;

  private Targets() {}

  /// A number for whom, and which port, `packet` tries to reach: different ones for different IPv4
  /// addresses and ports.
  static long of(Packet packet) {
    return switch (packet.network()) {
      case ARP -> packet.arpOperation() == ARP_REQUEST ? ARP | packet.arpTargetIp() : NONE;
      case IPV4 -> begins(packet) ? IPV4 | service(packet) << 32 | packet.ipDestinationLow() : NONE;
      case IPV6 -> begins(packet) ? IPV6 | wide(packet) >>> 8 : NONE;
      default -> NONE;
    };
  }

  private static long wide(Packet packet) {
    long mixed = packet.ipDestinationHigh() * WIDE + packet.ipDestinationLow();
    return (mixed ^ mixed >>> 29) * WIDE + service(packet) * WIDE;
  }

  private static long service(Packet packet) {
    boolean hasPort = packet.transport() == Transport.TCP || packet.transport() == Transport.UDP;
    long port = hasPort ? packet.destinationPort() : 0;
    return (packet.protocol() & 0xffL) << 16 | port;
  }

  /// Answers go to whoever asked, whom one did not choose; of TCP they can be told apart.
  private static boolean begins(Packet packet) {
    return switch (packet.transport()) {
      case TCP -> (packet.tcpFlags() & (TcpFlags.SYN | TcpFlags.ACK)) == TcpFlags.SYN;
      case ICMP -> packet.icmpType() == ICMP_ECHO;
      default -> true;
    };
  }
}
