package dev.portcullis.management.enforcement;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.text.RulesetText;
import java.util.List;
import java.util.stream.Collectors;

/// Where a partition gets help that may go nowhere else.
///
/// @param hosts who may be looked for, pinged, and asked for pages (TCP 80 and 443) and names (UDP
///   53); nobody if empty
public record RemediationNetwork(List<Ipv4Address> hosts) {
  /// No help for anybody.
  public static final RemediationNetwork NONE = new RemediationNetwork(List.of());

  /// As nftables writes it: the hosts, then the port that leads to the partition.
  private static final String RULES =
      """
      table bridge remediation {
      	set hosts {
      		type ipv4_addr
      		elements = { %1$s }
      	}

      	chain forward {
      		type filter hook forward priority 0; policy drop;
      		jump help
      	}

      	chain input {
      		type filter hook input priority 0; policy drop;
      		jump help
      	}

      	chain help {
      		iifname "%2$s" arp daddr ip @hosts accept
      		oifname "%2$s" arp saddr ip @hosts accept
      		ct state established,related counter accept
      		ct state invalid drop
      		iifname "%2$s" ip daddr @hosts icmp type echo-request accept
      		iifname "%2$s" ip daddr @hosts tcp dport { 80, 443 } accept
      		iifname "%2$s" ip daddr @hosts udp dport 53 accept
      		iifname "%2$s" meta l4proto tcp counter reject with tcp reset
      		iifname "%2$s" counter reject
      	}
      }
      """;

  public RemediationNetwork {
    hosts = hosts.stream().distinct().toList();
  }

  /// What lets a partition reach these hosts and nothing else, and nobody but them answer.
  ///
  /// @param port of the bridge that leads to the partition
  Ruleset rulesFor(String port) {
    String list = hosts.stream().map(Ipv4Address::toString).collect(Collectors.joining(", "));
    try {
      return RulesetText.parse("remediation", RULES.formatted(list, port));
    } catch (RulesetException e) {
      throw new AssertionError("rules of our own", e);
    }
  }
}
