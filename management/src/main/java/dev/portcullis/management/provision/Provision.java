package dev.portcullis.management.provision;

import dev.portcullis.management.boot.VerifiedBootDescription.VerifiedPartition;
import dev.portcullis.vmm.platform.description.Addition;
import java.util.Optional;

/// A partition that is to come to a platform.
///
/// @param boot how it is verified, if it has a manifest
public record Provision(Addition addition, Optional<VerifiedPartition> boot) {

  /// Its name.
  public String name() {
    return addition.partition().name();
  }

  /// Whether its disks are to be written before it begins.
  public boolean hasImages() {
    return boot.isPresent() && !boot.get().images().isEmpty();
  }
}
