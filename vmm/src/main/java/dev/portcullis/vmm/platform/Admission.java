package dev.portcullis.vmm.platform;

import dev.portcullis.vmm.engine.BootRefusedException;
import dev.portcullis.vmm.platform.boot.BootDecision;
import dev.portcullis.vmm.platform.boot.BootGate;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import dev.portcullis.vmm.platform.boot.BootPart;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Asks before a partition begins, and tells what came of it.
final class Admission {
  private final RunningPlatform platform;
  private final BootGate gate;

  Admission(RunningPlatform platform, BootGate gate) {
    this.platform = platform;
    this.gate = gate;
  }

  /// Whether somebody looks.
  boolean isChecked() {
    return gate != BootGate.OPEN;
  }

  /// Returns if the partition may begin with this.
  ///
  /// @param commandLine of the kernel, if there is one
  /// @throws BootRefusedException if it must not; that has been told then
  void demand(String partition, List<BootPart> parts, Optional<String> commandLine)
      throws BootRefusedException, InterruptedException {
    BootDecision decision = decide(partition, parts, commandLine);
    if (decision.outcome() != BootDecision.Outcome.UNCHECKED) {
      platform.decided(partition, decision);
    }
    if (decision.isRefused()) {
      throw new BootRefusedException("not booted: " + decision.reason());
    }
  }

  private BootDecision decide(String partition, List<BootPart> parts, Optional<String> commandLine)
      throws InterruptedException {
    try {
      return gate.decide(
          new BootMaterial(partition, parts, commandLine, platform.disks(partition)));
    } catch (RuntimeException | AssertionError broken) {
      return BootDecision.refused("the check itself failed: " + broken, Map.of());
    }
  }
}
