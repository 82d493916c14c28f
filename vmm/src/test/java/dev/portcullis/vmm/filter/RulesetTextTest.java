package dev.portcullis.vmm.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.kit.random.Seed;
import dev.portcullis.vmm.filter.RandomRules.Kind;
import dev.portcullis.vmm.filter.rule.Chain;
import dev.portcullis.vmm.filter.rule.Checks;
import dev.portcullis.vmm.filter.rule.Part;
import dev.portcullis.vmm.filter.rule.Rule;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.rule.Table;
import dev.portcullis.vmm.filter.text.RulesetText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesetTextTest {
  private static final String SETS =
      """
      set macs { type ether_addr; elements = { 02:00:00:00:00:0a } }
      set nets { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 } }
      chain other { }
      """;

  private static String around(String rule) {
    return "table bridge t {\n"
        + SETS
        + "chain c {\ntype filter hook forward priority 0; policy drop;\n"
        + rule
        + "\n}\n}\n";
  }

  private static String printed(String rule) throws RulesetException {
    String all = RulesetText.print(RulesetText.parse("test.nft", around(rule)));
    int from = all.indexOf("policy drop;\n") + "policy drop;\n".length();
    return all.substring(from, all.indexOf("\n\t}", from)).strip();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '~',
      textBlock =
          """
          tcp dport { 80, 443 } counter accept § tcp dport { 80, 443 } counter packets 0 bytes 0 accept
          tcp dport {80,443,} drop             § tcp dport { 80, 443 } drop
          tcp dport { 80 } drop                § tcp dport 80 drop
          tcp dport == 0x50 drop               § tcp dport 80 drop
          tcp dport 1024-65535 drop            § tcp dport 1024-65535 drop
          tcp dport 1 - 5 drop                 § tcp dport 1-5 drop
          tcp dport >= 1024 drop               § tcp dport >= 1024 drop
          ip saddr 10.9.0.0/24 drop            § ip saddr 10.9.0.0/24 drop
          ip saddr 10.9.0.0-10.9.0.255 drop    § ip saddr 10.9.0.0/24 drop
          ip saddr 10.9.0.1-10.9.0.2 drop      § ip saddr 10.9.0.1-10.9.0.2 drop
          ip saddr 0.0.0.0/0 drop              § ip saddr 0.0.0.0/0 drop
          ip saddr != @nets drop               § ip saddr != @nets drop
          ip6 daddr 2001:DB8:0:0:1:0:0:1 drop  § ip6 daddr 2001:db8::1:0:0:1 drop
          ip6 daddr ::/0 drop                  § ip6 daddr ::/0 drop
          ip6 daddr ::ffff:10.9.0.1 drop       § ip6 daddr ::ffff:a09:1 drop
          ip6 daddr fe80:: drop                § ip6 daddr fe80:: drop
          ip6 daddr 1:0:2:3:4:5:6:7 drop       § ip6 daddr 1:0:2:3:4:5:6:7 drop
          ether saddr @macs drop               § ether saddr @macs drop
          ether daddr 02:00:00:00:00:0A drop   § ether daddr 02:00:00:00:00:0a drop
          ether type arp drop                  § ether type arp drop
          ether type 0x88CC drop               § ether type 0x88cc drop
          ether type 8021q drop                § ether type vlan drop
          vlan id 5 vlan pcp 3 drop            § vlan id 5 vlan pcp 3 drop
          arp operation request drop           § arp operation request drop
          arp saddr ip 10.9.0.1 drop           § arp saddr ip 10.9.0.1 drop
          meta l4proto { tcp, 132 } drop       § meta l4proto { tcp, sctp } drop
          icmp type echo-request drop          § icmp type echo-request drop
          icmpv6 type 200 drop                 § icmpv6 type 200 drop
          iif user oif "uplink" drop           § iifname "user" oifname "uplink" drop
          meta iifname { "a", b } drop         § iifname { "a", "b" } drop
          ct state new drop                    § ct state new drop
          ct state established,related accept  § ct state established,related accept
          ct state { new, invalid } drop       § ct state new,invalid drop
          ct state != { new, invalid } drop    § ct state != { new, invalid } drop
          meta length > 1500 drop              § meta length > 1500 drop
          meta pkttype broadcast drop          § meta pkttype broadcast drop
          tcp flags syn drop                   § tcp flags syn drop
          tcp flags syn / syn,ack drop         § tcp flags & (syn | ack) == (syn) drop
          tcp flags ! fin,syn drop             § tcp flags & (fin | syn) == 0x0 drop
          tcp flags & (syn | ack) != syn drop  § tcp flags & (syn | ack) != (syn) drop
          tcp flags == 0x3 drop                § tcp flags == fin,syn drop
          limit rate 10/second accept          § limit rate 10/second burst 5 packets accept
          limit rate over 5 / minute drop      § limit rate over 5/minute burst 5 packets drop
          log                                  § log
          log prefix "bad: " drop              § log prefix "bad: " drop
          reject                               § reject
          reject with icmpx type no-route      § reject with icmpx no-route
          reject with tcp reset                § reject with tcp reset
          jump other                           § jump other
          goto other comment "see there"       § goto other comment "see there"
          counter packets 5 bytes 600          § counter packets 5 bytes 600
          drop # and a remark                  § drop
          """)
  void rulesAreReadAndWritten(String text, String written) throws RulesetException {
    assertThat(printed(text)).isEqualTo(written);
    assertThat(printed(written)).isEqualTo(written);
  }

  /// What is wrong is told with its line; the rule stands on line 7.
  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '~',
      textBlock =
          """
          tcp dport http accept       § a number from 0 to 65535 is wanted, not "http"
          tcp dport 65536             § a number from 0 to 65535 is wanted, not "65536"
          tcp dport 80-70             § a range that ends before it starts
          tcp dport { 80, 1-100 }     § elements overlap: some value is there twice
          tcp dport { }               § tcp dport is compared with nothing
          tcp dport { 80 443 }        § "," is wanted, not "443"
          tcp dport < { 1, 2 }        § < needs one number
          tcp dport < 1-2             § < needs one number
          tcp window 5                § "tcp window" is no match, statement or verdict that is known
          tcp                         § "tcp" is no match that is known
          frobnicate                  § "frobnicate" is no match, statement or verdict that is known
          { 80 }                      § a match, a statement or a verdict is wanted, not "{"
          ip saddr 10.9.0.256         § an IPv4 address is wanted, not "10.9.0.256"
          ip saddr 10.9.0.1/24        § "10.9.0.1/24" has bits behind its prefix: write 10.9.0.0/24
          ip saddr 10.9.0.0/33        § "10.9.0.0/33" is no prefix
          ip saddr 2001:db8::1        § an IPv4 address is wanted, not "2001:db8::1"
          ip saddr 010.9.0.1          § an IPv4 address is wanted, not "010.9.0.1"
          ip6 saddr 1::2::3           § an IPv6 address is wanted, not "1::2::3"
          ip6 saddr cafe              § an IPv6 address is wanted, not "cafe"
          ether saddr 02:00:00        § a MAC address is wanted, not "02:00:00"
          ether saddr 02:00:00:00:00:0a/8 § "02:00:00:00:00:0a/8" is no prefix
          ip saddr @none drop         § there is no set @none
          ip saddr @macs drop         § @macs has values of type ether_addr, which ip saddr is not compared with
          ip saddr < @nets drop       § < needs one number
          iifname < "a" drop          § < needs one number
          iifname "../x" drop         § "../x" is no port's name
          iifname { "a", "a" } drop   § "a" is there twice
          ct state invalid-new         § there are no ranges of such values
          ct state old                § a number from 0 to 7 or one of invalid, established, related, new, untracked is wanted, not "old"
          meta pkttype < other        § < needs one number
          tcp flags fast              § one of fin, syn, rst, psh, ack, urg, ecn, cwr is wanted, not "fast"
          tcp flags & syn == ack      § TCP flags that are not looked at, or are none
          tcp flags 0x0               § TCP flags that are not looked at, or are none
          limit rate 0/second         § a limit of 0
          limit rate 5/fortnight      § "fortnight" is not one of second, minute, hour, day, week
          limit rate 5/second burst 0 packets § a burst of 0
          limit rate 5 mbytes/second  § "/" is wanted, not "mbytes/second"
          reject with icmpx nothing   § "icmpx nothing" is not one of icmpx port-unreachable, icmpx admin-prohibited, icmpx host-unreachable, icmpx no-route, tcp reset
          accept drop                 § nothing may follow a verdict
          jump nowhere                § there is no chain nowhere
          jump c                      § c has a hook: nobody can jump there
          drop comment loud           § the comment in quotes is wanted, not "loud"
          log prefix "bad             § a text without its closing quote
          drop comment "a" drop       § the end of the rule is wanted, not "drop"
          comment "only"              § an empty rule
          define x = 5                § "define" is no match, statement or verdict that is known
          ip saddr $x                 § "$" means nothing here
          ip saddr ü                  § "U+00FC" means nothing here
          policy accept;              § "policy" comes before the chain's rules, and once
          """)
  void mistakesAreToldWithTheirLine(String rule, String reason) {
    assertThatThrownBy(() -> RulesetText.parse("test.nft", around(rule)))
        .isInstanceOf(RulesetException.class)
        .hasMessage("test.nft:7: " + reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '~',
      textBlock =
          """
          x                                        § "table" is wanted, not "x"
          table ip t { }                           § the family "bridge", which is all there is, is wanted, not "ip"
          table bridge { }                         § the table's name is wanted, not "{"
          table bridge t {                         § "set", "chain" or "}" is wanted, not the end of the file
          table bridge t { }                       § no chain has a hook: every frame would pass unseen
          table bridge t { map m { } }             § "set", "chain" or "}" is wanted, not "map"
          table bridge t { set s { } }             § the set s has no type
          table bridge t { set s { type mark; } }  § one of ipv4_addr, ipv6_addr, ether_addr, inet_service, ifname, inet_proto, ether_type, arp_op, ct_state, icmp_type, icmpv6_type, pkt_type is wanted, not "mark"
          table bridge t { set s { type ipv4_addr; elements = { 10.0.0.0/8 } } }  § a range needs `flags interval`
          table bridge t { set s { elements = { 1 } } } § the set's type comes before its elements
          table bridge t { set s { type ipv4_addr; flags timeout; } } § "interval" is wanted, not "timeout"
          table bridge t { set s { type ipv4_addr; elements = { 10.0.0.1 § an IPv4 address is wanted, not the end of the file
          table bridge t { chain c { type nat hook forward priority 0; policy drop; } } § "filter" is wanted, not "nat"
          table bridge t { chain c { type filter hook ingress priority 0; policy drop; } } § one of prerouting, input, forward, output, postrouting is wanted, not "ingress"
          table bridge t { chain c { type filter hook forward priority 0; } } § "policy accept" or "policy drop" is wanted, not "}"
          table bridge t { chain c { type filter hook forward priority high; policy drop; } } § a priority is wanted, not "high"
          table bridge t { chain c { type filter hook forward priority 0 policy drop; } } § ";" is wanted, not "policy"
          table bridge t { chain c { } ; chain c { } } § there is another chain of this name
          table bridge t { chain a { jump b; }; chain b { goto a; } } § the jump to a leads back here
          table bridge t { chain a { jump a; } }   § the jump to a leads back here
          """)
  void mistakesOutsideOfRulesAreToldToo(String text, String reason) {
    String whole = text.endsWith("10.0.0.1") ? text + "," : text;
    assertThatThrownBy(() -> RulesetText.parse("test.nft", whole))
        .isInstanceOf(RulesetException.class)
        .hasMessage("test.nft:1: " + reason);
  }

  @Test
  void linesMayBeContinuedAndValuesSpreadOverThem() throws RulesetException {
    assertThat(printed("tcp dport { 80,\n  443\n} \\\n counter \\\n accept"))
        .isEqualTo("tcp dport { 80, 443 } counter packets 0 bytes 0 accept");
  }

  @Test
  void prioritiesHaveNames() throws RulesetException {
    String text =
        """
        flush ruleset
        table bridge t {
          chain a { type filter hook forward priority filter; policy accept; }
          chain b { type filter hook forward priority srcnat + 10; policy accept; }
          chain c { type filter hook forward priority out - 1; policy accept; }
          chain d { type filter hook forward priority -5; policy accept; }
        }
        """;
    assertThat(RulesetText.print(RulesetText.parse("test.nft", text)))
        .contains("priority -200;", "priority 310;", "priority 99;", "priority -5;");
  }

  @Test
  void jumpsMustNotBeTooDeepNorTooMany() {
    assertThatThrownBy(() -> RulesetText.parse("deep.nft", nested(17, 1)))
        .hasMessage("deep.nft:37: jumps are more than 16 deep");
    assertThatThrownBy(() -> RulesetText.parse("wide.nft", nested(12, 4)))
        .hasMessage("wide.nft:1: a frame may have to take more than 100000 steps");
  }

  /// A chain that jumps, so often each, so deep.
  private static String nested(int deep, int wide) {
    StringBuilder text = new StringBuilder("table bridge t {\n");
    for (int i = 1; i <= deep; i++) {
      String jump = i == 1 ? "accept" : "jump c" + (i - 1);
      text.append("chain c%d { %s }\n".formatted(i, (jump + "; ").repeat(i == 1 ? 1 : wide)));
      text.append("# \n");
    }
    text.append("chain b { type filter hook forward priority 0; policy drop;\n");
    return text + "jump c" + deep + "\n}\n}\n";
  }

  @Test
  void filesAreReadWithinBounds(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("rules.nft");
    assertThatThrownBy(() -> RulesetText.read(file)).hasMessage(file + ":1: there is no such file");
    Files.writeString(file, around("accept"));
    assertThat(RulesetText.read(file).tables()).hasSize(1);
    Files.write(file, new byte[] {(byte) 0xff});
    assertThatThrownBy(() -> RulesetText.read(file)).hasMessage(file + ":1: no text in UTF-8");
    Files.write(file, new byte[(1 << 20) + 1]);
    assertThatThrownBy(() -> RulesetText.read(file))
        .hasMessage(file + ":1: larger than 1 MiB: no ruleset");
    assertThatThrownBy(() -> RulesetText.read(folder)).hasMessageContaining(":1: cannot be read");
  }

  @Test
  void valuesCheckTextsThatNobodyParsed() {
    Rule rule = new Rule(List.of(new Part.Log("a\"; drop")), "");
    Chain chain = new Chain("c", Optional.empty(), List.of(rule));
    Ruleset ruleset = new Ruleset(List.of(new Table("t", List.of(), List.of(chain))));
    assertThatThrownBy(() -> Checks.check(ruleset))
        .hasMessage("table t, c, rule 1: a text of more than 127 characters, or with quotes");
  }

  /// Text by chance and text with damage ends in a ruleset or in a message, soon.
  @Test
  void noTextThrowsAnythingElse() {
    SplittableRandom random = Seed.ofThisRun().random(5);
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      byte[] text =
          RulesetText.print(new RandomRules(random.split(), Kind.ALL).ruleset())
              .getBytes(StandardCharsets.UTF_8);
      for (int change = random.nextInt(4); change >= 0; change--) {
        text[random.nextInt(text.length)] = (byte) random.nextInt(9, 127);
      }
      int end = random.nextInt(8) == 0 ? random.nextInt(text.length) : text.length;
      try {
        RulesetText.parse("damaged.nft", new String(text, 0, end, StandardCharsets.UTF_8));
      } catch (RulesetException e) {
        messages.add(e.getMessage());
      }
    }
    assertThat(messages).hasSizeGreaterThan(1_000);
    assertThat(messages).allMatch(message -> message.matches("(?s)damaged\\.nft:\\d+: .+"));
  }
}
