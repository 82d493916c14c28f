package dev.portcullis.management.containment;

import dev.portcullis.management.boot.BootObjection;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import java.util.Optional;

/// Keeps partitions from beginning that must be off: by what is on disk, so that they are kept from
/// it before anybody watches them, and also when nobody does any more.
public final class PoweredOff implements BootObjection {
  private final StateStore store;

  public PoweredOff(StateStore store) {
    this.store = store;
  }

  @Override
  public Optional<String> to(String partition) {
    try {
      Optional<String> kept = store.read(Containment.key(partition));
      if (kept.isEmpty()) {
        return Optional.empty();
      }
      Standing standing = Standing.decode(kept.get());
      return standing.state() == ContainmentState.POWERED_OFF
          ? Optional.of(
              "it must be off, since %s: %s; release it first: contain %s --action release"
                  .formatted(standing.since(), standing.reason(), partition))
          : Optional.empty();
    } catch (StateException e) {
      return Optional.of("whether it must be off is not known: " + e.getMessage());
    }
  }
}
