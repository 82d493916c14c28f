package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.link;
import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.management.inventory.AssetInventory;
import dev.portcullis.vmm.console.ConsoleSeats;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The monitor: a Manager.
final class Lvmm {
  static final String PATH = "/redfish/v1/Managers/Lvmm";

  private final RunningPlatform platform;
  private final EventLog log;
  private final CareActions care;

  Lvmm(RunningPlatform platform, EventLog log, CareActions care) {
    this.platform = platform;
    this.log = log;
    this.care = care;
  }

  /// What can be done about the platform.
  CareActions care() {
    return care;
  }

  /// @param at path below `Managers`
  Optional<Resource> find(List<String> at, Query query) {
    if (at.isEmpty()) {
      return Optional.of(
          Resource.collection("/redfish/v1/Managers", "Manager", "Monitors", List.of("Lvmm")));
    }
    if (!at.getFirst().equals("Lvmm")) {
      return Optional.empty();
    }
    if (at.size() == 1) {
      return Optional.of(manager());
    }
    List<String> below = at.subList(2, at.size());
    return switch (at.get(1)) {
      case "LogServices" -> log.find(PATH + "/LogServices", below, query, event -> true);
      case "SerialInterfaces" -> consoles(below);
      default -> Optional.empty();
    };
  }

  private Resource manager() {
    return Resource.of(PATH, "#Manager.v1_19_0.Manager", "Light virtual machine monitor")
        .with("ManagerType", "Service")
        .with("Manufacturer", "Portcullis")
        .with("FirmwareVersion", AssetInventory.version())
        .with("DateTime", Instant.now().toString())
        .with("DateTimeLocalOffset", "+00:00")
        .with("LastResetTime", platform.started().toString())
        .with("PowerState", "On")
        .with("Status", Resource.OK)
        .below("LogServices")
        .below("SerialInterfaces")
        .with(
            "Links",
            map(
                "ManagerForServers",
                    platform.partitions().stream().map(one -> link(Systems.pathOf(one))).toList(),
                "ManagerForChassis", List.of(link(Machine.PATH))))
        .with("Actions", map("Oem", care.actions(PATH)))
        .with("Oem", care.oem());
  }

  private Optional<Resource> consoles(List<String> below) {
    String path = PATH + "/SerialInterfaces";
    if (below.isEmpty()) {
      return Optional.of(
          Resource.collection(
              path,
              "SerialInterface",
              "Consoles",
              platform.partitions().stream().map(one -> Resource.encoded(one.name())).toList()));
    }
    return platform.partitions().stream()
        .filter(one -> below.equals(List.of(one.name())))
        .findFirst()
        .map(one -> console(one, path));
  }

  private static Resource console(RunningPartition partition, String path) {
    return Resource.of(
            path + "/" + Resource.encoded(partition.name()),
            "#SerialInterface.v1_2_0.SerialInterface",
            "Console of " + partition.name())
        .with("InterfaceEnabled", partition.engine().console().isPresent())
        .with("SignalType", "Rs232")
        .with("Oem", Oem.of("SerialInterface", "MaxConcurrentSessions", ConsoleSeats.MOST_SEATS));
  }
}
