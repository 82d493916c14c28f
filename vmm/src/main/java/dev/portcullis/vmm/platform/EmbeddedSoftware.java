package dev.portcullis.vmm.platform;

import dev.portcullis.vmm.engine.embedded.Software;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformDescription.LinkDescription;
import dev.portcullis.vmm.software.BridgeSoftware;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.ClientSoftware;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The software of an embedded partition.
///
/// @param client what can be asked of it, if it is a client's
/// @param bridge the same software, if it is a bridge's
record EmbeddedSoftware(
    Software software, Optional<Client> client, Optional<BridgeSoftware> bridge) {

  static EmbeddedSoftware of(PartitionDescription partition, PlatformDescription platform) {
    return switch (partition.role()) {
      case CLIENT -> {
        ClientSoftware client = new ClientSoftware(partition.name(), partition.address());
        yield new EmbeddedSoftware(client, Optional.of(client), Optional.empty());
      }
      case BRIDGE -> {
        BridgeSoftware bridge =
            new BridgeSoftware(
                platform.rules(),
                portNames(partition.name(), platform),
                platform.captures(),
                closed(partition.name(), platform));
        yield new EmbeddedSoftware(bridge, Optional.empty(), Optional.of(bridge));
      }
    };
  }

  /// Where there is management, nothing passes to or from a partition before it has said what may.
  private static Set<String> closed(String bridge, PlatformDescription platform) {
    if (platform.management().services().isEmpty()) {
      return Set.of();
    }
    return platform.links().stream()
        .flatMap(link -> opposite(link, bridge).stream())
        .collect(Collectors.toSet());
  }

  private static Optional<String> opposite(LinkDescription link, String bridge) {
    if (link.one().equals(bridge)) {
      return Optional.of(link.other());
    }
    return link.other().equals(bridge) ? Optional.of(link.one()) : Optional.empty();
  }

  /// What the bridge calls the card at a place: its name, or that of the partition its cable leads
  /// to.
  private static Map<Integer, String> portNames(String bridge, PlatformDescription platform) {
    Map<Integer, String> names = new HashMap<>();
    platform.names().forEach((name, at) -> names.put(at.id(), name));
    int device = VirtualNetwork.FIRST_DEVICE;
    for (LinkDescription link : platform.links()) {
      Optional<String> opposite = opposite(link, bridge);
      if (opposite.isPresent()) {
        names.put(device++ << 3, opposite.get());
      }
    }
    return names;
  }
}
