package dev.portcullis.vmm.filter.rule;

/// What of a frame can be compared.
public enum Field {
  ETHER_SOURCE("ether saddr", ValueType.MAC),
  ETHER_DESTINATION("ether daddr", ValueType.MAC),
  /// Of a frame that came with a tag, the type is that of the tag.
  ETHER_TYPE("ether type", ValueType.ETHER_TYPE),
  /// The virtual LAN that the frame belongs to on the bridge, whether it came with a tag or not.
  VLAN_ID("vlan id", ValueType.VLAN),
  /// Of a frame that came with a tag.
  VLAN_PRIORITY("vlan pcp", ValueType.PRIORITY),
  /// Of a frame that came with a tag: the type behind it.
  VLAN_TYPE("vlan type", ValueType.ETHER_TYPE),
  ARP_OPERATION("arp operation", ValueType.ARP_OPERATION),
  ARP_SENDER_MAC("arp saddr ether", ValueType.MAC),
  ARP_SENDER_IP("arp saddr ip", ValueType.IPV4),
  ARP_TARGET_MAC("arp daddr ether", ValueType.MAC),
  ARP_TARGET_IP("arp daddr ip", ValueType.IPV4),
  IP_SOURCE("ip saddr", ValueType.IPV4),
  IP_DESTINATION("ip daddr", ValueType.IPV4),
  IP_PROTOCOL("ip protocol", ValueType.PROTOCOL),
  IP_TTL("ip ttl", ValueType.HOPS),
  IP6_SOURCE("ip6 saddr", ValueType.IPV6),
  IP6_DESTINATION("ip6 daddr", ValueType.IPV6),
  /// The first of the next-header fields; what the packet carries in the end is [#L4_PROTOCOL].
  IP6_NEXT_HEADER("ip6 nexthdr", ValueType.PROTOCOL),
  IP6_HOP_LIMIT("ip6 hoplimit", ValueType.HOPS),
  TCP_SOURCE("tcp sport", ValueType.PORT),
  TCP_DESTINATION("tcp dport", ValueType.PORT),
  UDP_SOURCE("udp sport", ValueType.PORT),
  UDP_DESTINATION("udp dport", ValueType.PORT),
  /// Of TCP or UDP.
  ANY_SOURCE("th sport", ValueType.PORT),
  /// Of TCP or UDP.
  ANY_DESTINATION("th dport", ValueType.PORT),
  ICMP_TYPE("icmp type", ValueType.ICMP_TYPE),
  ICMP_CODE("icmp code", ValueType.CODE),
  ICMPV6_TYPE("icmpv6 type", ValueType.ICMPV6_TYPE),
  ICMPV6_CODE("icmpv6 code", ValueType.CODE),
  /// The port that the frame came in by.
  IN("iifname", ValueType.INTERFACE),
  /// The port that the frame is about to leave by, where that is known.
  OUT("oifname", ValueType.INTERFACE),
  /// The type behind tags.
  PROTOCOL("meta protocol", ValueType.ETHER_TYPE),
  L4_PROTOCOL("meta l4proto", ValueType.PROTOCOL),
  /// Bytes behind Ethernet header and tags.
  LENGTH("meta length", ValueType.LENGTH),
  /// To all, to many, or to one.
  PACKET_TYPE("meta pkttype", ValueType.PACKET_TYPE),
  CONNECTION_STATE("ct state", ValueType.CONNECTION_STATE);

  private final String words;
  private final ValueType type;

  Field(String words, ValueType type) {
    this.words = words;
    this.type = type;
  }

  /// As rulesets call it.
  public String words() {
    return words;
  }

  public ValueType type() {
    return type;
  }
}
