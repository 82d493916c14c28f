package dev.portcullis.management.containment;

import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.management.enforcement.Enforcement;
import dev.portcullis.management.enforcement.NetworkAccess;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/// Remembers what containment has demanded.
final class RecordingEnforcement implements Enforcement {
  private final Map<String, NetworkAccess> inForce = new HashMap<>();
  private BiConsumer<String, NetworkAccess> witness = (partition, access) -> {};

  void onDemand(BiConsumer<String, NetworkAccess> listener) {
    witness = listener;
  }

  @Override
  public void begin(String partition) {
    throw new UnsupportedOperationException("nothing comes here");
  }

  @Override
  public void demand(Demander who, String partition, NetworkAccess access) {
    inForce.put(partition, access);
    witness.accept(partition, access);
  }

  @Override
  public NetworkAccess inForce(String partition) {
    return inForce.getOrDefault(
        partition, NetworkAccess.of(AccessLevel.NONE, "nobody has said anything"));
  }

  AccessLevel level(String partition) {
    return inForce(partition).level();
  }
}
