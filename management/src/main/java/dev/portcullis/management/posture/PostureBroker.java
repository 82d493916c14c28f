package dev.portcullis.management.posture;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The posture broker (RFC 5209): has a partition's collectors say what they find, and makes a
/// signed report of it.
///
/// ```
///   collector in the partition ─ monitor's channel ─▶ ┐
///                                                     ├─▶ report ─ signed ─▶ verifier
///   collector outside (inventory) ──────────────────▶ ┘
/// ```
///
/// The channel is the one by which the monitor has a partition do things: no network is needed, so
/// it works while the partition has no access to any; and what comes by it is this partition's.
public final class PostureBroker {
  private final RunningPlatform platform;
  private final Inventory inventory;
  private final ReportKey key;
  private final ReportVerifier verifier;
  private final InstantSource clock;

  public PostureBroker(
      RunningPlatform platform,
      Inventory inventory,
      ReportKey key,
      ReportVerifier verifier,
      InstantSource clock) {
    this.platform = platform;
    this.inventory = inventory;
    this.key = key;
    this.verifier = verifier;
    this.clock = clock;
  }

  /// What the collectors found.
  ///
  /// @param facts by area
  /// @param refused whether the collector inside said something that is not believed, and why
  public record Collected(
      Map<String, Map<String, Object>> facts, Optional<ReportRefusedException> refused) {
    /// Whether the collector inside said what can be believed.
    public boolean answered() {
      return !PostureFacts.isSilent(facts.get("posture"));
    }
  }

  /// Collection: asks the collector inside, and looks from outside. A collector that does not
  /// answer, or answers wrongly, is a fact.
  ///
  /// @param limit for the one inside
  /// @throws VmmException if there is no such partition
  public Collected collect(String partition, String challenge, Duration limit)
      throws VmmException, InterruptedException {
    RunningPartition one = platform.partition(partition);
    Map<String, Map<String, Object>> facts = new LinkedHashMap<>(inventory.look(partition));
    Optional<ReportRefusedException> refused = Optional.empty();
    try {
      Client client =
          one.client().orElseThrow(() -> new ClientException("it has no collector of ours"));
      String answer = client.posture(challenge, limit);
      facts.put("posture", PostureFacts.of(CollectorAnswer.parse(answer, challenge)));
    } catch (ClientException e) {
      facts.put("posture", PostureFacts.silent(e.getMessage()));
    } catch (ReportRefusedException e) {
      facts.put("posture", PostureFacts.silent(e.getMessage()));
      refused = Optional.of(e);
    }
    return new Collected(facts, refused);
  }

  /// Reporting: signs what was collected.
  public SignedReport report(
      String partition, String challenge, Map<String, Map<String, Object>> facts) {
    return key.sign(
        new PostureReport(partition, verifier.next(partition), challenge, clock.instant(), facts));
  }
}
