package dev.portcullis.vmm.platform;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.filter.run.Firewall;
import dev.portcullis.vmm.filter.text.RulesetText;
import java.util.List;

/// The rules of a running platform's bridges.
public final class PlatformRules {
  private final RunningPlatform platform;

  public PlatformRules(RunningPlatform platform) {
    this.platform = platform;
  }

  /// The rules in force, with what they have counted, as `nft list ruleset` writes them.
  ///
  /// @param partition whose bridge; empty for the only one
  /// @throws VmmException if there is no such bridge, or it has not begun
  public String print(String partition) throws VmmException {
    return firewall(partition)
        .ruleset()
        .map(RulesetText::print)
        .orElseThrow(() -> new VmmException(Reason.UNKNOWN, "the bridge has not begun yet"));
  }

  /// Puts other rules in force, all at once.
  ///
  /// @param partition whose bridge; empty for the only one
  /// @param source what messages call the text
  /// @throws VmmException if there is no such bridge
  /// @throws RulesetException if the rules make no sense; those in force stay
  public void load(String partition, String source, String text, Established established)
      throws VmmException, RulesetException {
    firewall(partition).load(RulesetText.parse(source, text), established);
  }

  private Firewall firewall(String partition) throws VmmException {
    if (!partition.isEmpty()) {
      return platform
          .partition(partition)
          .firewall()
          .orElseThrow(() ->
              new VmmException(
                  Reason.UNKNOWN, "partition " + partition + " has no bridge of ours"));
    }
    List<Firewall> all =
        platform.partitions().stream().flatMap(one -> one.firewall().stream()).toList();
    if (all.size() != 1) {
      String which = all.isEmpty() ? "no partition has a bridge of ours" : "say which partition's";
      throw new VmmException(Reason.UNKNOWN, which);
    }
    return all.getFirst();
  }
}
