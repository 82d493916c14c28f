package dev.portcullis.vmm.platform;

import dev.portcullis.vmm.bridge.Bridge;
import dev.portcullis.vmm.bridge.Port;
import dev.portcullis.vmm.bridge.PortCounters;
import dev.portcullis.vmm.filter.rule.Chain;
import dev.portcullis.vmm.filter.rule.Part;
import dev.portcullis.vmm.filter.rule.Part.Counter;
import dev.portcullis.vmm.filter.rule.Rule;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.Table;
import dev.portcullis.vmm.filter.text.RulesetText;
import dev.portcullis.vmm.software.BridgeSoftware;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What went through a partition's bridge since it began.
///
/// @param partition its name
/// @param ports in the order in which they were plugged in; none while the bridge does not run
/// @param rules those that count, in their order
public record BridgeStatus(String partition, List<PortStatus> ports, List<RuleStatus> rules) {

  /// A port.
  ///
  /// @param stations how many are known behind it
  /// @param dropped how often a frame that came in here was not forwarded
  /// @param reasons the same by reason, such as `filtered`; those that did not occur are left out
  public record PortStatus(
      String name,
      long receivedFrames,
      long receivedBytes,
      long sentFrames,
      long sentBytes,
      int stations,
      long dropped,
      Map<String, Long> reasons) {}

  /// A rule with the word `counter`.
  ///
  /// @param rule the others of its words
  /// @param frames that have come as far as to the counter
  /// @param bytes of these
  public record RuleStatus(String table, String chain, String rule, long frames, long bytes) {}

  /// What `software` counts now.
  static BridgeStatus of(String partition, BridgeSoftware software) {
    List<PortStatus> ports =
        software.bridge().map(Bridge::ports).orElse(List.of()).stream()
            .map(BridgeStatus::status)
            .toList();
    List<RuleStatus> rules =
        software.firewall().ruleset().map(BridgeStatus::rules).orElse(List.of());
    return new BridgeStatus(partition, ports, rules);
  }

  private static PortStatus status(Port port) {
    PortCounters counters = port.counters();
    Map<String, Long> reasons = new TreeMap<>();
    counters
        .drops()
        .forEach((reason, count) ->
            reasons.put(reason.name().toLowerCase(Locale.ROOT).replace('_', '-'), count));
    return new PortStatus(
        port.name(),
        counters.receivedFrames(),
        counters.receivedBytes(),
        counters.sentFrames(),
        counters.sentBytes(),
        counters.stations(),
        counters.allDrops(),
        reasons);
  }

  private static List<RuleStatus> rules(Ruleset ruleset) {
    List<RuleStatus> counted = new ArrayList<>();
    for (Table table : ruleset.tables()) {
      for (Chain chain : table.chains()) {
        for (Rule rule : chain.rules()) {
          for (Part part : rule.parts()) {
            if (part instanceof Counter(long frames, long bytes)) {
              counted.add(new RuleStatus(table.name(), chain.name(), words(rule), frames, bytes));
            }
          }
        }
      }
    }
    return counted;
  }

  private static String words(Rule rule) {
    List<Part> others = rule.parts().stream().filter(part -> !(part instanceof Counter)).toList();
    return RulesetText.print(new Rule(others, rule.comment()));
  }
}
