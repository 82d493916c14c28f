package dev.portcullis.management.enforcement;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.text.RulesetText;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Where a partition gets help that may go nowhere else.
///
/// A bridge forwards by hardware addresses, and rules look at those of IP: a host of our own is
/// reached at its port only, so that nobody elsewhere listens to what seems to be for it.
///
/// @param hosts who may be looked for, pinged, and asked for pages (TCP 80 and 443) and names (UDP
///   53); nobody if empty
/// @param own a host of the services partition, which may be, too
public record RemediationNetwork(List<Ipv4Address> hosts, Optional<Own> own) {
  /// No help for anybody.
  public static final RemediationNetwork NONE = new RemediationNetwork(List.of(), Optional.empty());

  /// A host at a port of the bridge.
  public record Own(Ipv4Address address, String port) {}

  /// As nftables writes it: the hosts, the port that leads to the partition, what is said of each
  /// kind of host.
  private static final String RULES =
      """
      table bridge remediation {
      	chain forward {
      		type filter hook forward priority 0; policy drop;
      		jump help
      	}

      	chain input {
      		type filter hook input priority 0; policy drop;
      		jump help
      	}

      	chain help {
      		ct state established,related counter accept
      		ct state invalid drop
      %2$s
      		iifname "%1$s" meta l4proto tcp counter reject with tcp reset
      		iifname "%1$s" counter reject
      	}
      }
      """;

  /// The port that leads to the partition, the hosts, what comes out at, and in by.
  private static final String HOSTS =
      """
      iifname "%1$s"%3$s arp daddr ip %2$s accept
      oifname "%1$s"%4$s arp saddr ip %2$s accept
      iifname "%1$s"%3$s ip daddr %2$s icmp type echo-request accept
      iifname "%1$s"%3$s ip daddr %2$s tcp dport { 80, 443 } accept
      iifname "%1$s"%3$s ip daddr %2$s udp dport 53 accept
      """;

  /// What is flooded goes to the other ports, too: nobody is told that it is not let through there.
  private static final String ELSEWHERE = "iifname \"%s\" ip daddr %s drop\n";

  public RemediationNetwork {
    hosts =
        hosts.stream()
            .distinct()
            .filter(host -> own.filter(one -> one.address().equals(host)).isEmpty())
            .toList();
  }

  /// Whether there is nobody who helps.
  boolean isEmpty() {
    return hosts.isEmpty() && own.isEmpty();
  }

  /// What lets a partition reach these hosts and nothing else, and nobody but them answer.
  ///
  /// @param port of the bridge that leads to the partition
  Ruleset rulesFor(String port) {
    StringBuilder rules = new StringBuilder();
    if (!hosts.isEmpty()) {
      String list = hosts.stream().map(Ipv4Address::toString).collect(Collectors.joining(", "));
      rules.append(HOSTS.formatted(port, "{ " + list + " }", "", ""));
    }
    own.ifPresent(one ->
        rules
            .append(
                HOSTS.formatted(
                    port,
                    one.address(),
                    " oifname \"%s\"".formatted(one.port()),
                    " iifname \"%s\"".formatted(one.port())))
            .append(ELSEWHERE.formatted(port, one.address())));
    try {
      return RulesetText.parse("remediation", RULES.formatted(port, rules));
    } catch (RulesetException e) {
      throw new AssertionError("rules of our own", e);
    }
  }
}
