package dev.portcullis.management.recovery;

import dev.portcullis.management.boot.BootSource;
import dev.portcullis.management.boot.RebuildMarker;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.vmm.platform.boot.BootDisk;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Has a partition begin from its safe images, the next time or each time, whoever starts it: right
/// before its disks are verified, what is not as it should be there is written anew. Data stays.
///
/// ```
///   boot.override.PARTITION  ─▶  once | continuous
/// ```
///
/// What may begin is not decided here: the disks are verified afterwards as they always are.
public final class BootOverride implements BootSource {
  private static final String PREFIX = "boot.override.";

  private final StateStore state;
  private final VerifiedBoot boot;
  private final RebuildMarker marker;

  /// How often a partition begins from its safe images.
  public enum Setting {
    NEVER,
    /// The next time.
    ONCE,
    /// Each time.
    CONTINUOUS;

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// @param boot knows the safe images
  public BootOverride(StateStore state, VerifiedBoot boot) {
    this.state = state;
    this.boot = boot;
    this.marker = new RebuildMarker(state);
  }

  /// Whether a partition has safe images to begin from.
  public boolean isPossible(String partition) {
    return !boot.images(partition).isEmpty();
  }

  /// What is wanted now.
  ///
  /// @throws StateException if nobody knows
  public Setting of(String partition) throws StateException {
    Optional<String> kept = state.read(PREFIX + partition);
    for (Setting setting : Setting.values()) {
      if (setting.word().equals(kept.orElse(Setting.NEVER.word()))) {
        return setting;
      }
    }
    throw new StateException("what is kept of the boot override makes no sense");
  }

  /// Has it otherwise from now on: when this returns, the disk has it.
  public void set(String partition, Setting setting) throws StateException {
    if (setting == Setting.NEVER) {
      state.forget(PREFIX + partition);
    } else {
      state.write(PREFIX + partition, setting.word());
    }
  }

  @Override
  public Prepared prepare(BootMaterial material) {
    String partition = material.partition();
    try {
      Setting setting = of(partition);
      // Without the marker, disks are whole; with it, they are a rebuild's to complete.
      if (setting == Setting.NEVER || marker.read(partition).isPresent()) {
        return Prepared.AS_IT_IS;
      }
      if (!boot.writers().begin(partition)) {
        return Prepared.failed("its disks are being written");
      }
      try {
        restore(material);
      } finally {
        boot.writers().end(partition);
      }
      if (setting == Setting.ONCE) {
        set(partition, Setting.NEVER);
      }
      return Prepared.RESTORED;
    } catch (StateException | RecoveryException e) {
      return Prepared.failed("it does not begin from its safe image: " + e.getMessage());
    }
  }

  private void restore(BootMaterial material) throws RecoveryException {
    RebuildTarget still = new Still(material);
    try (Rebuild rebuild =
        new Rebuild(still, DataDisk.KEEP, marker, RebuildProgress.NONE, () -> false)) {
      rebuild.prepare(boot);
      rebuild.write();
    }
  }

  /// A partition that is about to begin.
  private record Still(BootMaterial material) implements RebuildTarget {
    @Override
    public String name() {
      return material.partition();
    }

    @Override
    public List<BootDisk> disks() {
      return material.disks();
    }

    @Override
    public void kill() {
      // It does nothing.
    }

    @Override
    public void scrub() {
      // Nothing is left of it that a reset would not leave: it is a start like any other.
    }

    @Override
    public void start() {
      // Whoever has asked for that does.
    }
  }
}
