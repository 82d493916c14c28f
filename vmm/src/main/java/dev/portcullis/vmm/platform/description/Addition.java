package dev.portcullis.vmm.platform.description;

import dev.portcullis.vmm.platform.description.PlatformDescription.LinkDescription;
import java.util.Optional;

/// A partition that comes to a platform later.
///
/// @param bridge name of the partition that its virtual network card's cable leads to, if it has
///   one
public record Addition(PartitionDescription partition, Optional<String> bridge) {

  /// Its cable.
  public Optional<LinkDescription> link() {
    return bridge.map(name -> new LinkDescription(partition.name(), name));
  }
}
