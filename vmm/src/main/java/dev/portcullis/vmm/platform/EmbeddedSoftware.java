package dev.portcullis.vmm.platform;

import dev.portcullis.vmm.engine.embedded.Software;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.software.BridgeSoftware;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.ClientSoftware;
import java.util.Optional;

/// The software of an embedded partition.
///
/// @param client what can be asked of it, if it is a client's
record EmbeddedSoftware(Software software, Optional<Client> client) {

  static EmbeddedSoftware of(PartitionDescription partition, PlatformDescription platform) {
    return switch (partition.role()) {
      case CLIENT -> {
        ClientSoftware client = new ClientSoftware(partition.name(), partition.address());
        yield new EmbeddedSoftware(client, Optional.of(client));
      }
      case BRIDGE -> new EmbeddedSoftware(new BridgeSoftware(platform.rules()), Optional.empty());
    };
  }
}
