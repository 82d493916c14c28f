package dev.portcullis.net.packet;

/// What a frame says of itself, for those who judge it: addresses, tags, protocols, ports.
///
/// Parsing ends where a frame makes no sense: a header that is cut short, has an impossible length
/// or promises more bytes than came is not there, nor is anything behind it. Asking for a field
/// that is not there gives [#ABSENT], never an exception. The frame is not copied; nobody may
/// change it.
///
/// ```
///  0        6       12    14              networkAt            transportAt        dataAt
///  +--------+-------+-----+-- - - - - - - +--------------------+------------------+------
///  | to     | from  | type| tag, type …   | ARP, IPv4 or IPv6  | ICMP, TCP or UDP | data
///  +--------+-------+-----+-- - - - - - - +--------------------+------------------+------
/// ```
public final class Packet {
  /// What a field is that is not there; no field can have it as its value.
  public static final int ABSENT = -1;

  /// What the frame carries.
  public enum Network {
    NONE,
    ARP,
    IPV4,
    IPV6
  }

  /// What the IP packet carries.
  public enum Transport {
    NONE,
    ICMP,
    ICMPV6,
    TCP,
    UDP
  }

  public static final int ETHERNET_BYTES = 14;
  public static final int TAG_BYTES = 4;
  private static final int TYPE_AT = 12;
  private static final int MOST_TAGS = 2;

  private static final int ARP_BYTES = 28;
  private static final long ARP_OF_IPV4_ON_ETHERNET = 0x0001_0800_0604L;
  private static final int IPV4_BYTES = 20;
  private static final int IPV6_BYTES = 40;
  private static final int ICMP_BYTES = 4;
  private static final int TCP_BYTES = 20;
  private static final int UDP_BYTES = 8;

  /// IPv6 extension headers that are followed; more hide what the packet carries.
  private static final int MOST_EXTENSIONS = 8;

  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int AUTHENTICATION = 51;
  private static final int DESTINATION_OPTIONS = 60;

  private final byte[] frame;
  private int tags;
  private int networkAt = ABSENT;
  private Network network = Network.NONE;
  private int endAt;
  private int protocol = ABSENT;
  private int fragmentOffset;
  private boolean moreFragments;
  private Transport transport = Transport.NONE;
  private int transportAt = ABSENT;
  private int dataAt = ABSENT;

  private Packet(byte[] frame) {
    this.frame = frame;
    this.endAt = frame.length;
  }

  /// What a frame says of itself, whatever its bytes are.
  public static Packet of(byte[] frame) {
    Packet packet = new Packet(frame);
    packet.parseEthernet();
    return packet;
  }

  private void parseEthernet() {
    int at = ETHERNET_BYTES;
    if (at > frame.length) {
      return;
    }
    while (tags < MOST_TAGS && EtherType.isTag(u16(at - 2)) && at + TAG_BYTES <= frame.length) {
      tags++;
      at += TAG_BYTES;
    }
    networkAt = at;
    switch (u16(at - 2)) {
      case EtherType.ARP -> parseArp();
      case EtherType.IPV4 -> parseIpv4();
      case EtherType.IPV6 -> parseIpv6();
      default -> {
        // Nothing that we know.
      }
    }
  }

  private void parseArp() {
    if (frame.length - networkAt >= ARP_BYTES && u48(networkAt) == ARP_OF_IPV4_ON_ETHERNET) {
      network = Network.ARP;
      endAt = networkAt + ARP_BYTES;
    }
  }

  private void parseIpv4() {
    int available = frame.length - networkAt;
    if (available < IPV4_BYTES || u8(networkAt) >> 4 != 4) {
      return;
    }
    int headerBytes = (u8(networkAt) & 0xf) * 4;
    int totalBytes = u16(networkAt + 2);
    if (headerBytes < IPV4_BYTES || totalBytes < headerBytes || totalBytes > available) {
      return;
    }
    network = Network.IPV4;
    endAt = networkAt + totalBytes;
    protocol = u8(networkAt + 9);
    int fragment = u16(networkAt + 6);
    fragmentOffset = (fragment & 0x1fff) * 8;
    moreFragments = (fragment & 0x2000) != 0;
    parseTransport(networkAt + headerBytes);
  }

  private void parseIpv6() {
    int available = frame.length - networkAt;
    if (available < IPV6_BYTES || u8(networkAt) >> 4 != 6) {
      return;
    }
    int totalBytes = IPV6_BYTES + u16(networkAt + 4);
    if (totalBytes > available) {
      return;
    }
    network = Network.IPV6;
    endAt = networkAt + totalBytes;
    parseExtensions();
  }

  private void parseExtensions() {
    int next = u8(networkAt + 6);
    int at = networkAt + IPV6_BYTES;
    for (int i = 0; isExtension(next); i++) {
      if (i == MOST_EXTENSIONS || endAt - at < 8) {
        return;
      }
      int bytes =
          switch (next) {
            case FRAGMENT -> 8;
            case AUTHENTICATION -> (u8(at + 1) + 2) * 4;
            default -> (u8(at + 1) + 1) * 8;
          };
      if (bytes > endAt - at) {
        return;
      }
      if (next == FRAGMENT) {
        fragmentOffset = u16(at + 2) & 0xfff8;
        moreFragments = (u16(at + 2) & 1) != 0;
      }
      next = u8(at);
      at += bytes;
      if (fragmentOffset != 0) {
        // What follows is the middle of something, not a header.
        break;
      }
    }
    protocol = next;
    parseTransport(at);
  }

  private static boolean isExtension(int next) {
    return switch (next) {
      case HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION_OPTIONS -> true;
      default -> false;
    };
  }

  private void parseTransport(int at) {
    if (fragmentOffset != 0) {
      return;
    }
    int available = endAt - at;
    boolean four = network == Network.IPV4;
    switch (protocol) {
      case Protocol.ICMP -> found(four && available >= ICMP_BYTES, Transport.ICMP, at, 8);
      case Protocol.ICMPV6 -> found(!four && available >= ICMP_BYTES, Transport.ICMPV6, at, 8);
      case Protocol.UDP -> found(isUdp(at, available), Transport.UDP, at, UDP_BYTES);
      case Protocol.TCP -> {
        int headerBytes = available < TCP_BYTES ? 0 : (u8(at + 12) >> 4) * 4;
        boolean whole = headerBytes >= TCP_BYTES && headerBytes <= available;
        found(whole, Transport.TCP, at, headerBytes);
      }
      default -> {
        // Nothing that we know.
      }
    }
  }

  private void found(boolean isThere, Transport what, int at, int headerBytes) {
    if (isThere) {
      transport = what;
      transportAt = at;
      dataAt = Math.min(at + headerBytes, endAt);
    }
  }

  /// A fragment's datagram is longer than what is here.
  private boolean isUdp(int at, int available) {
    if (available < UDP_BYTES) {
      return false;
    }
    int bytes = u16(at + 4);
    return bytes >= UDP_BYTES && (bytes <= available || moreFragments);
  }

  private int u8(int at) {
    return frame[at] & 0xff;
  }

  private int u16(int at) {
    return u8(at) << 8 | u8(at + 1);
  }

  private long u32(int at) {
    return (long) u16(at) << 16 | u16(at + 2);
  }

  private long u48(int at) {
    return u32(at) << 16 | u16(at + 4);
  }

  private long u64(int at) {
    return u32(at) << 32 | u32(at + 4);
  }

  /// The frame itself, not a copy.
  public byte[] frame() {
    return frame;
  }

  /// Whether there is an Ethernet header at all.
  public boolean isEthernet() {
    return networkAt != ABSENT;
  }

  /// Where the frame goes: 48 bits.
  public long destination() {
    return isEthernet() ? u48(0) : ABSENT;
  }

  /// Where the frame comes from: 48 bits.
  public long source() {
    return isEthernet() ? u48(6) : ABSENT;
  }

  /// Whether the destination is more than one station: broadcast or multicast.
  public boolean isForMany() {
    return isEthernet() && (frame[0] & 1) != 0;
  }

  /// How many tags of virtual LANs the frame has; two at most are looked at.
  public int tags() {
    return tags;
  }

  /// The type field behind the addresses: of a tagged frame, that of the tag.
  public int outerType() {
    return isEthernet() ? u16(TYPE_AT) : ABSENT;
  }

  /// The type field behind the tags; in 802.3 frames a length.
  public int etherType() {
    return isEthernet() ? u16(networkAt - 2) : ABSENT;
  }

  /// The virtual LAN of the outer tag, 0 to 4095; 0 is a priority tag.
  public int vlanId() {
    return tags > 0 ? u16(ETHERNET_BYTES) & 0xfff : ABSENT;
  }

  /// The priority in the outer tag, 0 to 7.
  public int vlanPriority() {
    return tags > 0 ? u16(ETHERNET_BYTES) >> 13 : ABSENT;
  }

  /// The type field behind the outer tag.
  public int vlanType() {
    return tags > 0 ? u16(ETHERNET_BYTES + 2) : ABSENT;
  }

  /// The virtual LAN of the inner tag.
  public int innerVlanId() {
    return tags > 1 ? u16(ETHERNET_BYTES + TAG_BYTES) & 0xfff : ABSENT;
  }

  /// Bytes behind Ethernet header and tags, padding included.
  public int lengthBytes() {
    return isEthernet() ? frame.length - networkAt : ABSENT;
  }

  public Network network() {
    return network;
  }

  /// Where the network header starts in the frame.
  public int networkAt() {
    return networkAt;
  }

  /// Where what the network header describes ends: padding starts there.
  public int endAt() {
    return endAt;
  }

  private boolean isArp() {
    return network == Network.ARP;
  }

  /// What is asked or answered: 1 request, 2 reply.
  public int arpOperation() {
    return isArp() ? u16(networkAt + 6) : ABSENT;
  }

  public long arpSenderMac() {
    return isArp() ? u48(networkAt + 8) : ABSENT;
  }

  public long arpSenderIp() {
    return isArp() ? u32(networkAt + 14) : ABSENT;
  }

  public long arpTargetMac() {
    return isArp() ? u48(networkAt + 18) : ABSENT;
  }

  public long arpTargetIp() {
    return isArp() ? u32(networkAt + 24) : ABSENT;
  }

  public boolean isIp() {
    return network == Network.IPV4 || network == Network.IPV6;
  }

  /// Bytes of the IP packet with its header.
  public int ipLengthBytes() {
    return isIp() ? endAt - networkAt : ABSENT;
  }

  /// The high half of the source address; 0 in IPv4.
  public long ipSourceHigh() {
    return network == Network.IPV6 ? u64(networkAt + 8) : 0;
  }

  /// The low half of the source address; all of it, 32 bits, in IPv4; 0 if there is none.
  public long ipSourceLow() {
    return switch (network) {
      case IPV4 -> u32(networkAt + 12);
      case IPV6 -> u64(networkAt + 16);
      case ARP, NONE -> 0;
    };
  }

  /// The high half of the destination address; 0 in IPv4.
  public long ipDestinationHigh() {
    return network == Network.IPV6 ? u64(networkAt + 24) : 0;
  }

  /// The low half of the destination address; all of it, 32 bits, in IPv4; 0 if there is none.
  public long ipDestinationLow() {
    return switch (network) {
      case IPV4 -> u32(networkAt + 16);
      case IPV6 -> u64(networkAt + 32);
      case ARP, NONE -> 0;
    };
  }

  /// Time to live, or hop limit.
  public int ttl() {
    return switch (network) {
      case IPV4 -> u8(networkAt + 8);
      case IPV6 -> u8(networkAt + 7);
      case ARP, NONE -> ABSENT;
    };
  }

  /// What the IP packet carries, behind the extension headers of IPv6; absent where those end in
  /// nothing.
  public int protocol() {
    return protocol;
  }

  public boolean isFragment() {
    return fragmentOffset != 0 || moreFragments;
  }

  /// Bytes of the packet before this fragment; 0 in the first, and in a whole packet.
  public int fragmentOffsetBytes() {
    return fragmentOffset;
  }

  public Transport transport() {
    return transport;
  }

  /// Where the transport header starts in the frame.
  public int transportAt() {
    return transportAt;
  }

  private boolean isIcmp() {
    return transport == Transport.ICMP || transport == Transport.ICMPV6;
  }

  private boolean hasPorts() {
    return transport == Transport.TCP || transport == Transport.UDP;
  }

  public int icmpType() {
    return isIcmp() ? u8(transportAt) : ABSENT;
  }

  public int icmpCode() {
    return isIcmp() ? u8(transportAt + 1) : ABSENT;
  }

  /// The identifier of an echo request or reply.
  public int icmpEchoId() {
    return isIcmp() && endAt - transportAt >= 8 ? u16(transportAt + 4) : ABSENT;
  }

  public int sourcePort() {
    return hasPorts() ? u16(transportAt) : ABSENT;
  }

  public int destinationPort() {
    return hasPorts() ? u16(transportAt + 2) : ABSENT;
  }

  /// See [TcpFlags].
  public int tcpFlags() {
    return transport == Transport.TCP ? u8(transportAt + 13) : ABSENT;
  }

  /// 32 bits.
  public long tcpSequence() {
    return transport == Transport.TCP ? u32(transportAt + 4) : ABSENT;
  }

  /// 32 bits.
  public long tcpAcknowledgement() {
    return transport == Transport.TCP ? u32(transportAt + 8) : ABSENT;
  }

  /// Where the data behind the transport header starts in the frame.
  public int dataAt() {
    return dataAt;
  }

  /// Bytes behind the transport header.
  public int dataBytes() {
    return dataAt == ABSENT ? ABSENT : endAt - dataAt;
  }

  /// The addresses and types, for people.
  @Override
  public String toString() {
    if (!isEthernet()) {
      return "a frame of %d bytes".formatted(frame.length);
    }
    String carried =
        switch (network) {
          case NONE -> "type 0x%04x".formatted(etherType());
          case ARP -> "ARP";
          case IPV4, IPV6 -> transport == Transport.NONE ? network.name() : transport.name();
        };
    return "%012x -> %012x %s, %d bytes".formatted(source(), destination(), carried, frame.length);
  }
}
