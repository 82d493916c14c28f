package dev.portcullis.management.inventory;

import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.control.ControlVerb;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// `inventory` of the control socket.
public final class InventoryVerb implements ControlVerb {
  private final RunningPlatform platform;
  private final Optional<VerifiedBoot> boot;

  /// @param boot knows what was measured, if anybody measures
  public InventoryVerb(RunningPlatform platform, Optional<VerifiedBoot> boot) {
    this.platform = platform;
    this.boot = boot;
  }

  @Override
  public Map<String, Object> answer(
      Map<String, String> request, Consumer<Map<String, Object>> tell) {
    return Map.of("inventory", AssetInventory.of(platform, boot));
  }
}
