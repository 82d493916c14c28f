package dev.portcullis.vmm.filter.run;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Packet.Network;
import dev.portcullis.net.packet.Packet.Transport;
import dev.portcullis.vmm.filter.rule.Field;
import java.util.function.ToLongFunction;

/// Reads fields of 63 bits at most from frames; [Packet#ABSENT] where a frame does not have one.
final class FieldValues {
  private static final long BROADCAST = 0xffff_ffff_ffffL;
  private static final int TO_ALL = 1;
  private static final int TO_MANY = 2;
  private static final int TO_ONE = 3;
  private static final int NEXT_HEADER_AT = 6;

  private FieldValues() {}

  static ToLongFunction<Judgement> of(Field field) {
    return switch (field) {
      case VLAN_ID -> Judgement::vlanId;
      case CONNECTION_STATE -> of -> of.connectionState().ordinal();
      case IN, OUT, IP6_SOURCE, IP6_DESTINATION ->
          throw new IllegalArgumentException(field + " is no number of 63 bits");
      default -> {
        ToLongFunction<Packet> reader = inPacket(field);
        yield of -> reader.applyAsLong(of.packet());
      }
    };
  }

  private static ToLongFunction<Packet> inPacket(Field field) {
    return switch (field) {
      case ETHER_SOURCE -> Packet::source;
      case ETHER_DESTINATION -> Packet::destination;
      case ETHER_TYPE -> Packet::outerType;
      case VLAN_PRIORITY -> Packet::vlanPriority;
      case VLAN_TYPE -> Packet::vlanType;
      case ARP_OPERATION -> Packet::arpOperation;
      case ARP_SENDER_MAC -> Packet::arpSenderMac;
      case ARP_SENDER_IP -> Packet::arpSenderIp;
      case ARP_TARGET_MAC -> Packet::arpTargetMac;
      case ARP_TARGET_IP -> Packet::arpTargetIp;
      case PROTOCOL -> Packet::etherType;
      case LENGTH -> Packet::lengthBytes;
      case PACKET_TYPE -> FieldValues::packetType;
      default -> behindNetworkHeader(field);
    };
  }

  private static ToLongFunction<Packet> behindNetworkHeader(Field field) {
    return switch (field) {
      case IP_SOURCE -> packet -> in4(packet, packet.ipSourceLow());
      case IP_DESTINATION -> packet -> in4(packet, packet.ipDestinationLow());
      case IP_PROTOCOL -> packet -> in4(packet, packet.protocol());
      case IP_TTL -> packet -> in4(packet, packet.ttl());
      case IP6_NEXT_HEADER -> FieldValues::nextHeader;
      case IP6_HOP_LIMIT -> packet -> in6(packet, packet.ttl());
      case L4_PROTOCOL -> Packet::protocol;
      case TCP_SOURCE -> packet -> in(Transport.TCP, packet, packet.sourcePort());
      case TCP_DESTINATION -> packet -> in(Transport.TCP, packet, packet.destinationPort());
      case UDP_SOURCE -> packet -> in(Transport.UDP, packet, packet.sourcePort());
      case UDP_DESTINATION -> packet -> in(Transport.UDP, packet, packet.destinationPort());
      case ANY_SOURCE -> Packet::sourcePort;
      case ANY_DESTINATION -> Packet::destinationPort;
      case ICMP_TYPE -> packet -> in(Transport.ICMP, packet, packet.icmpType());
      case ICMP_CODE -> packet -> in(Transport.ICMP, packet, packet.icmpCode());
      case ICMPV6_TYPE -> packet -> in(Transport.ICMPV6, packet, packet.icmpType());
      case ICMPV6_CODE -> packet -> in(Transport.ICMPV6, packet, packet.icmpCode());
      default -> throw new IllegalArgumentException(field + " is no field of a packet");
    };
  }

  private static long in4(Packet packet, long value) {
    return packet.network() == Network.IPV4 ? value : Packet.ABSENT;
  }

  private static long in6(Packet packet, long value) {
    return packet.network() == Network.IPV6 ? value : Packet.ABSENT;
  }

  private static long in(Transport transport, Packet packet, long value) {
    return packet.transport() == transport ? value : Packet.ABSENT;
  }

  private static long nextHeader(Packet packet) {
    return packet.network() == Network.IPV6
        ? packet.frame()[packet.networkAt() + NEXT_HEADER_AT] & 0xff
        : Packet.ABSENT;
  }

  private static long packetType(Packet packet) {
    if (packet.destination() == BROADCAST) {
      return TO_ALL;
    }
    return packet.isForMany() ? TO_MANY : TO_ONE;
  }
}
