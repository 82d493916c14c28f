package dev.portcullis.vmm.bridge;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Packet.Transport;

/// What a card may send by IPv6 to which nobody has given an address: it has the link-local one
/// that follows from its hardware address (RFC 4291, appendix A: `fe80::` and the modified EUI-64).
///
/// Neighbour discovery (RFC 4861) says addresses once more in its messages: those are looked at as
/// in ARP. A card is no router. Fragments are refused, for they could hide all that (RFC 6980).
final class LinkLocal {
  private static final int ROUTER_SOLICITATION = 133;
  private static final int ROUTER_ADVERTISEMENT = 134;
  private static final int NEIGHBOUR_SOLICITATION = 135;
  private static final int NEIGHBOUR_ADVERTISEMENT = 136;
  private static final int REDIRECT = 137;
  private static final int MULTICAST_REPORT = 131;
  private static final int MULTICAST_DONE = 132;
  private static final int MULTICAST_REPORT_2 = 143;

  private static final int SOURCE_OPTION = 1;
  private static final int TARGET_OPTION = 2;
  private static final int TARGET_AT = 8;
  private static final int SOLICITATION_OPTIONS_AT = 8;
  private static final int NEIGHBOUR_OPTIONS_AT = 24;

  private static final long PREFIX = 0xfe80L << 48;

  private final long mac;
  private final long low;

  /// @param mac the card's, 48 bits
  LinkLocal(long mac) {
    this.mac = mac;
    long flipped = mac ^ 0x0200_0000_0000L;
    this.low = (flipped & 0xffff_ff00_0000L) << 16 | 0xff_fe00_0000L | flipped & 0xff_ffffL;
  }

  /// Whether an IPv6 packet may come from this card.
  boolean isOwn(Packet packet) {
    if (packet.isFragment() || packet.protocol() == Packet.ABSENT) {
      return false;
    }
    boolean icmp = packet.transport() == Transport.ICMPV6;
    if (isOwn(packet.ipSourceHigh(), packet.ipSourceLow())) {
      return !icmp || tellsTheTruth(packet);
    }
    boolean unspecified = packet.ipSourceHigh() == 0 && packet.ipSourceLow() == 0;
    return unspecified && icmp && asksWithoutAddress(packet);
  }

  private boolean isOwn(long high, long low) {
    return high == PREFIX && low == this.low;
  }

  private boolean tellsTheTruth(Packet packet) {
    return switch (packet.icmpType()) {
      case ROUTER_ADVERTISEMENT, REDIRECT -> false;
      case NEIGHBOUR_ADVERTISEMENT ->
          isAboutItself(packet) && optionsAreOwn(packet, NEIGHBOUR_OPTIONS_AT);
      case NEIGHBOUR_SOLICITATION -> optionsAreOwn(packet, NEIGHBOUR_OPTIONS_AT);
      case ROUTER_SOLICITATION -> optionsAreOwn(packet, SOLICITATION_OPTIONS_AT);
      default -> true;
    };
  }

  /// Before it uses its address it asks whether anybody else does, and joins groups.
  private boolean asksWithoutAddress(Packet packet) {
    return switch (packet.icmpType()) {
      case NEIGHBOUR_SOLICITATION ->
          isAboutItself(packet) && optionsAreOwn(packet, NEIGHBOUR_OPTIONS_AT);
      case ROUTER_SOLICITATION -> optionsAreOwn(packet, SOLICITATION_OPTIONS_AT);
      case MULTICAST_REPORT, MULTICAST_DONE, MULTICAST_REPORT_2 -> true;
      default -> false;
    };
  }

  private boolean isAboutItself(Packet packet) {
    int at = packet.transportAt() + TARGET_AT;
    return packet.endAt() - at >= 16 && isOwn(bytes(packet, at, 8), bytes(packet, at + 8, 8));
  }

  /// Whether every hardware address that it tells is the card's own.
  private boolean optionsAreOwn(Packet packet, int optionsAt) {
    int at = packet.transportAt() + optionsAt;
    if (at > packet.endAt()) {
      return false;
    }
    while (at < packet.endAt()) {
      int left = packet.endAt() - at;
      int length = left < 8 ? 0 : (int) bytes(packet, at + 1, 1) * 8;
      if (length == 0 || length > left) {
        return false;
      }
      int type = (int) bytes(packet, at, 1);
      boolean tells = type == SOURCE_OPTION || type == TARGET_OPTION;
      if (tells && bytes(packet, at + 2, 6) != mac) {
        return false;
      }
      at += length;
    }
    return true;
  }

  private static long bytes(Packet packet, int at, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | packet.frame()[at + i] & 0xff;
    }
    return value;
  }
}
