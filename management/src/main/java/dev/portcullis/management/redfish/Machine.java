package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.encoded;
import static dev.portcullis.management.redfish.Resource.link;
import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.machine.chassis.Chassis.Slot;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.unit.Statistics;
import dev.portcullis.vmm.assign.Assignment;
import dev.portcullis.vmm.platform.PlatformInventory;
import dev.portcullis.vmm.platform.PlatformInventory.DiskItem;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootDisk;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The machine that the partitions share: a Chassis, with its functions and what is counted there.
final class Machine {
  static final String PATH = "/redfish/v1/Chassis/Machine";
  private static final String DEVICES = PATH + "/PCIeDevices";
  private static final String DRIVES = PATH + "/Drives";

  private final RunningPlatform platform;

  Machine(RunningPlatform platform) {
    this.platform = platform;
  }

  /// A function's place as part of an address.
  static String id(Slot slot) {
    return slot.at().toString().replace(':', '-');
  }

  static String pathOf(Slot slot) {
    return DEVICES + "/" + id(slot);
  }

  /// @param at path below `Chassis`
  Optional<Resource> find(List<String> at) {
    if (at.isEmpty()) {
      return Optional.of(
          Resource.collection("/redfish/v1/Chassis", "Chassis", "Machines", List.of("Machine")));
    }
    if (!at.getFirst().equals("Machine")) {
      return Optional.empty();
    }
    if (at.size() == 1) {
      return Optional.of(chassis());
    }
    List<String> below = at.subList(2, at.size());
    return switch (at.get(1)) {
      case "Sensors" -> sensors(below);
      case "PCIeDevices" -> devices(below);
      case "Drives" -> drives(below);
      case "NetworkAdapters" -> new Adapters(platform).find(below);
      default -> Optional.empty();
    };
  }

  private Resource chassis() {
    return Resource.of(PATH, "#Chassis.v1_25_0.Chassis", "Machine")
        .with("ChassisType", "Other")
        .with("Manufacturer", "Portcullis")
        .with("PowerState", "On")
        .with("Status", Resource.OK)
        .below("Sensors")
        .below("PCIeDevices")
        .below("Drives")
        .below("NetworkAdapters")
        .with(
            "Links",
            map(
                "ComputerSystems",
                    platform.partitions().stream().map(one -> link(Systems.pathOf(one))).toList(),
                "ManagedBy", List.of(link(Lvmm.PATH))))
        .with(
            "Oem",
            Oem.of(
                "Chassis",
                "MemoryMiB",
                platform.description().machine().memoryBytes() >> 20,
                "RemappingUnits",
                platform.description().machine().units().stream()
                    .map(unit ->
                        map(
                            "Id", unit.id(),
                            "Mode", platform.driver().traits().mode().toString()))
                    .toList()));
  }

  /// Where a disk of a partition is.
  static String pathOf(BootDisk disk) {
    return DRIVES + "/" + encoded(disk.name());
  }

  private Optional<Resource> drives(List<String> below) {
    List<DiskItem> disks = PlatformInventory.of(platform).disks();
    if (below.isEmpty()) {
      return Optional.of(
          Resource.collection(
              DRIVES, "Drive", "Disks", disks.stream().map(disk -> encoded(disk.name())).toList()));
    }
    return disks.stream()
        .filter(disk -> below.equals(List.of(disk.name())))
        .findFirst()
        .map(Machine::drive);
  }

  private static Resource drive(DiskItem disk) {
    return Resource.of(DRIVES + "/" + encoded(disk.name()), "#Drive.v1_18_0.Drive", disk.name())
        .with("Manufacturer", "Portcullis")
        .with("Model", disk.model())
        .with("SerialNumber", disk.serial())
        .with("FirmwareVersion", disk.firmware())
        .with("CapacityBytes", disk.bytes())
        .with("BlockSizeBytes", 512)
        .with("Protocol", "NVMe")
        .with("MediaType", "SSD")
        .with("Status", Resource.OK);
  }

  private Optional<Resource> devices(List<String> below) {
    List<Slot> slots = platform.chassis().slots();
    if (below.isEmpty()) {
      return Optional.of(
          Resource.collection(
              DEVICES, "PCIeDevice", "Devices", slots.stream().map(Machine::id).toList()));
    }
    Optional<Slot> slot =
        slots.stream().filter(one -> id(one).equals(below.getFirst())).findFirst();
    if (slot.isEmpty()) {
      return Optional.empty();
    }
    String functions = pathOf(slot.get()) + "/PCIeFunctions";
    return switch (below.size()) {
      case 1 -> Optional.of(device(slot.get()));
      case 2 ->
          below.get(1).equals("PCIeFunctions")
              ? Optional.of(
                  Resource.collection(functions, "PCIeFunction", "Functions", List.of("1")))
              : Optional.empty();
      case 3 ->
          below.subList(1, 3).equals(List.of("PCIeFunctions", "1"))
              ? Optional.of(function(slot.get(), functions + "/1"))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private Resource device(Slot slot) {
    return Resource.of(
            pathOf(slot),
            "#PCIeDevice.v1_13_0.PCIeDevice",
            platform.description().nameOf(slot.at()))
        .with("Manufacturer", "Portcullis")
        .with("Model", slot.description().type().name().toLowerCase(Locale.ROOT))
        .with("DeviceType", "SingleFunction")
        .with("Status", status(slot.at()))
        .below("PCIeFunctions")
        .with("Links", map("Chassis", List.of(link(PATH))));
  }

  private Map<String, Object> status(RequesterId at) {
    if (platform.isStopped(at)) {
      return map("State", "Disabled", "Health", "Critical");
    }
    boolean isAssigned = platform.lvmm().assignments().at(at).isPresent();
    return map("State", isAssigned ? "Enabled" : "StandbyOffline", "Health", "OK");
  }

  private Resource function(Slot slot, String path) {
    long id = slot.onBus().readConfig(0, 4);
    long classes = slot.onBus().readConfig(8, 4);
    long subsystem = slot.onBus().readConfig(0x2c, 4);
    Optional<Assignment> owner = platform.lvmm().assignments().at(slot.at());
    Resource function =
        Resource.of(path, "#PCIeFunction.v1_6_0.PCIeFunction", slot.at().toString())
            .with("FunctionId", slot.at().function())
            .with("BusNumber", hex(slot.at().bus(), 2))
            .with("DeviceNumber", hex(slot.at().device(), 2))
            .with("FunctionNumber", hex(slot.at().function(), 1))
            .with("FunctionType", "Physical")
            .with("VendorId", hex(id & 0xffff, 4))
            .with("DeviceId", hex(id >> 16 & 0xffff, 4))
            .with("SubsystemVendorId", hex(subsystem & 0xffff, 4))
            .with("SubsystemId", hex(subsystem >> 16 & 0xffff, 4))
            .with("RevisionId", hex(classes & 0xff, 2))
            .with("ClassCode", hex(classes >> 8 & 0xff_ffff, 6))
            .with("Status", status(slot.at()));
    Map<String, Object> links = map("PCIeDevice", link(pathOf(slot)));
    owner
        .flatMap(one -> platformPartition(one.partition().name()))
        .ifPresent(
            path0 -> function.with("Oem", Oem.of("PCIeFunction", "AssignedTo", link(path0))));
    return function.with("Links", links);
  }

  private Optional<String> platformPartition(String name) {
    return platform.partitions().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .map(Systems::pathOf);
  }

  private static String hex(long value, int digits) {
    return ("0x%0" + digits + "X").formatted(value);
  }

  /// Something that is counted.
  private record Reading(String id, String name, double value, String units) {}

  private List<Reading> readings() {
    Statistics unit = platform.unit().statistics();
    double seconds =
        Math.max(1e-3, Duration.between(platform.started(), Instant.now()).toMillis() / 1e3);
    long requests = unit.requests();
    List<Reading> all = new ArrayList<>();
    all.add(new Reading("DmaRequests", "DMA requests", requests, "{requests}"));
    all.add(new Reading("DmaRate", "DMA requests a second", requests / seconds, "{requests}/s"));
    double hits = requests == 0 ? 100 : 100.0 * (requests - unit.walks()) / requests;
    all.add(new Reading("IotlbHits", "IOTLB hits", Math.max(0, hits), "%"));
    all.add(new Reading("Faults", "Requests refused", unit.faultsInAll(), "{requests}"));
    all.add(
        new Reading(
            "Invalidations", "Invalidations", unit.invalidationsInAll(), "{invalidations}"));
    all.add(
        new Reading(
            "InterruptsRemapped",
            "Interrupts remapped",
            unit.interrupts().remapped(),
            "{interrupts}"));
    all.add(
        new Reading(
            "InterruptsPosted", "Interrupts posted", unit.interrupts().posted(), "{interrupts}"));
    ProcessHandle.current()
        .info()
        .totalCpuDuration()
        .ifPresent(time ->
            all.add(
                new Reading(
                    "ProcessorTime", "Processor time of the monitor", time.toMillis() / 1e3, "s")));
    return all;
  }

  private Optional<Resource> sensors(List<String> below) {
    String path = PATH + "/Sensors";
    List<Reading> all = readings();
    if (below.isEmpty()) {
      return Optional.of(
          Resource.collection(path, "Sensor", "Counters", all.stream().map(Reading::id).toList()));
    }
    return all.stream()
        .filter(one -> below.equals(List.of(one.id)))
        .findFirst()
        .map(one -> {
          Resource sensor =
              Resource.of(path + "/" + one.id, "#Sensor.v1_9_0.Sensor", one.name)
                  .with("Reading", one.value)
                  .with("ReadingUnits", one.units)
                  .with("Status", Resource.OK);
          return one.units.equals("%") ? sensor.with("ReadingType", "Percent") : sensor;
        });
  }
}
