package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.link;
import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.machine.chassis.Chassis.Slot;
import dev.portcullis.machine.description.DeviceDescription.VirtioNet;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Network cards of the machine: each is a NetworkAdapter, whosever its functions are.
final class Adapters {
  private static final String PATH = Machine.PATH + "/NetworkAdapters";

  private final RunningPlatform platform;

  Adapters(RunningPlatform platform) {
    this.platform = platform;
  }

  /// The adapter of a network card's function, physical or virtual; none of another.
  static Optional<Map<String, Object>> linkOf(Slot function) {
    return function.description() instanceof VirtioNet card
        ? Optional.of(link(PATH + "/" + id(card)))
        : Optional.empty();
  }

  private static String id(VirtioNet card) {
    return card.at().toString().replace(':', '-');
  }

  /// @param below path below the collection
  Optional<Resource> find(List<String> below) {
    List<VirtioNet> cards =
        platform.description().machine().devices().stream()
            .filter(VirtioNet.class::isInstance)
            .map(VirtioNet.class::cast)
            .toList();
    if (below.isEmpty()) {
      return Optional.of(
          Resource.collection(
              PATH, "NetworkAdapter", "Network cards", cards.stream().map(Adapters::id).toList()));
    }
    return cards.stream()
        .filter(card -> below.equals(List.of(id(card))))
        .findFirst()
        .map(this::adapter);
  }

  private Resource adapter(VirtioNet card) {
    Map<String, Object> capabilities = map("NetworkPortCount", 1);
    if (card.virtualFunctions() > 0) {
      capabilities.put(
          "VirtualizationOffload",
          map("VirtualFunction", map("DeviceMaxCount", card.virtualFunctions())));
    }
    List<Map<String, Object>> functions =
        platform.chassis().slots().stream()
            .filter(slot -> slot.description().at().equals(card.at()))
            .map(slot -> link(Machine.pathOf(slot)))
            .toList();
    return Resource.of(
            PATH + "/" + id(card),
            "#NetworkAdapter.v1_11_0.NetworkAdapter",
            platform.description().nameOf(card.at()))
        .with("Manufacturer", "Portcullis")
        .with("Model", card.type().name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .with("Status", Resource.OK)
        .with(
            "Controllers",
            List.of(
                map(
                    "ControllerCapabilities",
                    capabilities,
                    "Links",
                    map("PCIeDevices", functions))));
  }
}
