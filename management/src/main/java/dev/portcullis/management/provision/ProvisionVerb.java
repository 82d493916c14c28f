package dev.portcullis.management.provision;

import dev.portcullis.management.recovery.RebuildVerb;
import dev.portcullis.vmm.platform.control.ControlVerb;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/// `provision` of the control socket: `source`, `folder` and `text` of a file; or `remove`, the
/// name of a partition.
public final class ProvisionVerb implements ControlVerb {
  private final Provisioning provisioning;

  public ProvisionVerb(Provisioning provisioning) {
    this.provisioning = provisioning;
  }

  @Override
  public Map<String, Object> answer(Map<String, String> request, Consumer<Map<String, Object>> tell)
      throws InterruptedException {
    try {
      if (request.containsKey("remove")) {
        provisioning.remove(request.get("remove"));
        return Map.of();
      }
      String partition =
          provisioning.provision(
              request.getOrDefault("source", "file"),
              Path.of(request.getOrDefault("folder", "")),
              request.getOrDefault("text", ""),
              RebuildVerb.seldom(tell));
      return Map.of("partition", partition);
    } catch (ProvisionException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("folder: " + e.getMessage(), e);
    }
  }
}
