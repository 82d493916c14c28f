package dev.portcullis.management.boot;

import dev.portcullis.vmm.platform.boot.BootMaterial;
import java.util.Optional;

/// Sees to it that a partition finds on its disks what it is to boot from this time, before that is
/// looked at.
@FunctionalInterface
public interface BootSource {
  /// Nobody wants anything else than what is there.
  BootSource AS_IT_IS = material -> Prepared.AS_IT_IS;

  /// Called each time that a partition is about to begin: its processors do not run, and its
  /// functions are reset.
  Prepared prepare(BootMaterial material);

  /// What was done.
  ///
  /// @param isRestored whether the disks were put onto their safe images
  /// @param trouble why the partition must not begin, if it must not
  record Prepared(boolean isRestored, Optional<String> trouble) {
    /// Nothing was.
    public static final Prepared AS_IT_IS = new Prepared(false, Optional.empty());

    /// The disks are as their safe images are.
    public static final Prepared RESTORED = new Prepared(true, Optional.empty());

    /// It was not done.
    public static Prepared failed(String why) {
      return new Prepared(false, Optional.of(why));
    }
  }
}
