package dev.portcullis.vmm.filter.rule;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What kind of value a field holds: how many bits, how sets of them are called, which have names.
public enum ValueType {
  IPV4("ipv4_addr", 32, ""),
  IPV6("ipv6_addr", 128, ""),
  MAC("ether_addr", 48, ""),
  PORT("inet_service", 16, ""),
  INTERFACE("ifname", 0, ""),
  PROTOCOL("inet_proto", 8, "icmp 1 tcp 6 udp 17 esp 50 ah 51 ipv6-icmp 58 sctp 132"),
  ETHER_TYPE(
      "ether_type", 16, "ip 0x800 arp 0x806 ip6 0x86dd vlan 0x8100 8021q 0x8100 8021ad 0x88a8"),
  ARP_OPERATION("arp_op", 16, "request 1 reply 2 rrequest 3 rreply 4 inrequest 8 inreply 9 nak 10"),
  CONNECTION_STATE("ct_state", 3, "invalid 0 established 1 related 2 new 3 untracked 4"),
  ICMP_TYPE(
      "icmp_type",
      8,
      "echo-reply 0 destination-unreachable 3 source-quench 4 redirect 5 echo-request 8"
          + " router-advertisement 9 router-solicitation 10 time-exceeded 11"
          + " parameter-problem 12 timestamp-request 13 timestamp-reply 14 info-request 15"
          + " info-reply 16 address-mask-request 17 address-mask-reply 18"),
  ICMPV6_TYPE(
      "icmpv6_type",
      8,
      "destination-unreachable 1 packet-too-big 2 time-exceeded 3 parameter-problem 4"
          + " echo-request 128 echo-reply 129 mld-listener-query 130 mld-listener-report 131"
          + " mld-listener-done 132 nd-router-solicit 133 nd-router-advert 134"
          + " nd-neighbor-solicit 135 nd-neighbor-advert 136 nd-redirect 137"
          + " router-renumbering 138 mld2-listener-report 143"),
  PACKET_TYPE("pkt_type", 2, "broadcast 1 multicast 2 other 3"),
  VLAN("", 12, ""),
  PRIORITY("", 3, ""),
  CODE("", 8, ""),
  HOPS("", 8, ""),
  LENGTH("", 32, "");

  private final String setName;
  private final int bits;
  private final Map<String, Long> symbols;

  /// @param setName as sets call it; empty if there are none
  /// @param symbols pairs of a name and its value, the usual name first
  ValueType(String setName, int bits, String symbols) {
    this.setName = setName;
    this.bits = bits;
    Map<String, Long> named = new LinkedHashMap<>();
    String[] words = symbols.isEmpty() ? new String[0] : symbols.split(" ");
    for (int i = 0; i < words.length; i += 2) {
      named.put(words[i], Long.decode(words[i + 1]));
    }
    this.symbols = Collections.unmodifiableMap(named);
  }

  /// As sets call it, if there can be sets of it.
  public Optional<String> setName() {
    return setName.isEmpty() ? Optional.empty() : Optional.of(setName);
  }

  /// How many bits a value has.
  public int bits() {
    return bits;
  }

  /// Values that have names.
  public Map<String, Long> symbols() {
    return symbols;
  }

  /// Whether values are names of ports of the bridge, not numbers.
  public boolean isName() {
    return this == INTERFACE;
  }

  /// Whether one value can be less than another. States and kinds cannot.
  public boolean isOrdered() {
    return switch (this) {
      case INTERFACE, CONNECTION_STATE, PACKET_TYPE -> false;
      default -> true;
    };
  }
}
