package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.vmm.platform.BridgeStatus;
import dev.portcullis.vmm.platform.BridgeStatus.PortStatus;
import dev.portcullis.vmm.platform.BridgeStatus.RuleStatus;
import dev.portcullis.vmm.platform.PlatformStatus;
import dev.portcullis.vmm.platform.PlatformStatus.UnitStatus;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StatusTableTest {
  private static final UnitStatus UNIT = new UnitStatus("dmar0", "scalable", 1, 2, 3, 4, 5, 6);

  private static List<String> table(BridgeStatus... bridges) {
    return StatusTable.of(
        new PlatformStatus(1, List.of(), List.of(), List.of(), UNIT, List.of(bridges)));
  }

  @Test
  void aBridgeHasALineForEachPortAndEachRuleThatCounts() {
    List<PortStatus> ports =
        List.of(
            new PortStatus(
                "user",
                1200,
                64_000,
                7,
                900,
                1,
                5,
                new TreeMap<>(Map.of("filtered", 2L, "vlan", 3L))),
            new PortStatus("nic", 7, 900, 1195, 63_000, 2, 0, Map.of()));
    List<RuleStatus> rules =
        List.of(new RuleStatus("services", "user", "tcp dport 80 accept", 1200, 64_000));

    assertThat(table(new BridgeStatus("services", ports, rules)))
        .containsSubsequence(
            "PORT OF services  FRAMES IN  BYTES IN  FRAMES OUT  BYTES OUT  STATIONS  DROPPED",
            "user              1,200      64,000    7           900        1         2 filtered, 3"
                + " vlan",
            "nic               7          900       1,195       63,000     2         0",
            "RULE OF services     CHAIN          FRAMES  BYTES",
            "tcp dport 80 accept  services user  1,200   64,000");
  }

  @Test
  void withoutABridgeNothingIsSaidOfOne() {
    assertThat(table()).noneMatch(line -> line.contains("PORT OF") || line.contains("RULE OF"));
  }
}
