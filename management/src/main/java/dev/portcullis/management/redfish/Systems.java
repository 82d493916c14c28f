package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.encoded;
import static dev.portcullis.management.redfish.Resource.link;
import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.machine.chassis.Chassis.Slot;
import dev.portcullis.vmm.assign.Assignment;
import dev.portcullis.vmm.console.ConsoleSeats;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.platform.PlatformInventory;
import dev.portcullis.vmm.platform.PlatformInventory.CardItem;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootDisk;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Partitions: each is a ComputerSystem.
final class Systems {
  static final String PATH = "/redfish/v1/Systems";
  private static final String CPU = "CPU";
  private static final String WINDOW = "Window";
  private static final String DISKS = "Disks";

  private final RunningPlatform platform;
  private final SystemSettings settings;
  private final EventLog log;
  private final Protection protection;
  private final Optional<InetSocketAddress> consoles;

  Systems(
      RunningPlatform platform,
      SystemSettings settings,
      EventLog log,
      Protection protection,
      Optional<InetSocketAddress> consoles) {
    this.consoles = consoles;
    this.protection = protection;
    this.platform = platform;
    this.settings = settings;
    this.log = log;
  }

  /// @param at path below `Systems`
  Optional<Resource> find(List<String> at, Query query) {
    if (at.isEmpty()) {
      return Optional.of(
          Resource.collection(
              PATH,
              "ComputerSystem",
              "Partitions",
              platform.partitions().stream().map(one -> encoded(one.name())).toList()));
    }
    Optional<RunningPartition> partition = partition(at.getFirst());
    if (partition.isEmpty()) {
      return Optional.empty();
    }
    List<String> rest = at.subList(1, at.size());
    String base = pathOf(partition.get());
    return rest.isEmpty()
        ? Optional.of(system(partition.get()))
        : below(partition.get(), base, rest, query);
  }

  /// The partition that is called so.
  Optional<RunningPartition> partition(String name) {
    return platform.partitions().stream().filter(one -> one.name().equals(name)).findFirst();
  }

  /// What can be written of them.
  SystemSettings settings() {
    return settings;
  }

  static String pathOf(RunningPartition partition) {
    return PATH + "/" + encoded(partition.name());
  }

  private Optional<Resource> below(
      RunningPartition partition, String base, List<String> rest, Query query) {
    List<String> below = rest.subList(1, rest.size());
    String path = base + "/" + rest.getFirst();
    return switch (rest.getFirst()) {
      case "Processors" ->
          one(below, path, "Processor", CPU, () -> processor(partition, path + "/" + CPU));
      case "Memory" ->
          one(below, path, "Memory", WINDOW, () -> memory(partition, path + "/" + WINDOW));
      case "EthernetInterfaces" -> cards(partition, path, below);
      case "NetworkInterfaces" -> interfaces(partition, path, below);
      case "Storage" -> storage(partition, path, below);
      case "LogServices" ->
          log.find(
              path,
              below,
              query,
              event -> event.subject().partition().equals(Optional.of(partition.name())));
      default -> Optional.empty();
    };
  }

  private static Optional<Resource> one(
      List<String> below, String path, String of, String id, Maker maker) {
    if (below.isEmpty()) {
      return Optional.of(Resource.collection(path, of, of, List.of(id)));
    }
    return below.equals(List.of(id)) ? Optional.of(maker.make()) : Optional.empty();
  }

  private interface Maker {
    Resource make();
  }

  private Resource system(RunningPartition partition) {
    String path = pathOf(partition);
    EngineState now = partition.engine().state();
    return Resource.of(path, "#ComputerSystem.v1_26_0.ComputerSystem", partition.name())
        .with("SystemType", "Virtual")
        .with("Manufacturer", "Portcullis")
        .with("Model", partition.engine().kind())
        .with("AssetTag", settings.assetTag(partition.name()))
        .with("PowerState", powerState(now))
        .with("Status", status(now))
        .with("Boot", settings.boot(partition.name()))
        .with(
            "MemorySummary",
            map("TotalSystemMemoryGiB", partition.description().memoryBytes() / (double) (1 << 30)))
        .with("ProcessorSummary", map("Count", 1))
        .below("Processors")
        .below("Memory")
        .below("EthernetInterfaces")
        .below("NetworkInterfaces")
        .below("Storage")
        .below("LogServices")
        .with("PCIeDevices", slots(partition).map(slot -> link(Machine.pathOf(slot))).toList())
        .with("SerialConsole", serialConsole(path))
        .with(
            "Links",
            map(
                "Chassis", List.of(link(Machine.PATH)),
                "ManagedBy", List.of(link(Lvmm.PATH))))
        .with(
            "Actions",
            map(
                "#ComputerSystem.Reset",
                map(
                    "target",
                    path + "/Actions/ComputerSystem.Reset",
                    "ResetType@Redfish.AllowableValues",
                    Arrays.stream(ResetType.values()).map(ResetType::word).toList()),
                "Oem",
                protection.actions(path, partition.name())))
        .with("Oem", Oem.of("ComputerSystem", protection.of(partition.name())));
  }

  private Map<String, Object> serialConsole(String path) {
    Map<String, Object> console = map("MaxConcurrentSessions", ConsoleSeats.MOST_SEATS);
    consoles.ifPresent(at ->
        console.put(
            "WebSocket",
            map(
                "ServiceEnabled",
                true,
                "Interactive",
                true,
                "ConsoleURI",
                "wss://%s:%d%s/SerialConsole".formatted(host(at), at.getPort(), path))));
    return console;
  }

  private static String host(InetSocketAddress at) {
    String address = at.getAddress().getHostAddress();
    return address.contains(":") ? "[" + address + "]" : address;
  }

  private Stream<Slot> slots(RunningPartition partition) {
    return platform.chassis().slots().stream().filter(slot -> isOf(partition, slot));
  }

  private boolean isOf(RunningPartition partition, Slot slot) {
    Optional<Assignment> assignment = platform.lvmm().assignments().at(slot.at());
    return assignment.filter(one -> one.partition() == partition.partition()).isPresent();
  }

  private static String powerState(EngineState now) {
    return switch (now.phase()) {
      case OFF, FAILED -> "Off";
      case PAUSED -> "Paused";
      case RUNNING, HALTED -> "On";
    };
  }

  private static Map<String, Object> status(EngineState now) {
    boolean isBroken = now.is(Phase.HALTED) || now.is(Phase.FAILED);
    String state =
        switch (now.phase()) {
          case OFF, FAILED -> "Disabled";
          case PAUSED -> "Quiesced";
          case RUNNING, HALTED -> "Enabled";
        };
    Map<String, Object> status = map("State", state, "Health", isBroken ? "Critical" : "OK");
    if (isBroken) {
      status.put(
          "Conditions",
          List.of(
              map(
                  "MessageId", "ResourceEvent.1.3.ResourceStateChanged",
                  "Message", now.toString(),
                  "Severity", "Critical")));
    }
    return status;
  }

  private Resource processor(RunningPartition partition, String path) {
    return Resource.of(path, "#Processor.v1_19_0.Processor", "Processor of " + partition.name())
        .with("ProcessorType", "CPU")
        .with("Model", partition.engine().kind())
        .with("Status", status(partition.engine().state()));
  }

  private Resource memory(RunningPartition partition, String path) {
    return Resource.of(path, "#Memory.v1_19_0.Memory", "Memory of " + partition.name())
        .with("CapacityMiB", partition.description().memoryBytes() >> 20)
        .with("MemoryType", "DRAM")
        .with("Status", Resource.OK)
        .with("Oem", Oem.of("Memory", "Window", partition.partition().window().toString()));
  }

  /// Which adapters of the machine a partition has functions of.
  private Optional<Resource> interfaces(
      RunningPartition partition, String path, List<String> below) {
    List<Slot> functions =
        slots(partition).filter(slot -> Adapters.linkOf(slot).isPresent()).toList();
    if (below.isEmpty()) {
      return Optional.of(
          Resource.collection(
              path,
              "NetworkInterface",
              "Functions of network cards",
              functions.stream().map(Machine::id).toList()));
    }
    return functions.stream()
        .filter(slot -> below.equals(List.of(Machine.id(slot))))
        .findFirst()
        .map(slot ->
            Resource.of(
                    path + "/" + Machine.id(slot),
                    "#NetworkInterface.v1_2_3.NetworkInterface",
                    platform.description().nameOf(slot.at()))
                .with("Status", Resource.OK)
                .with("Links", map("NetworkAdapter", Adapters.linkOf(slot).orElseThrow())));
  }

  private Optional<Resource> cards(RunningPartition partition, String path, List<String> below) {
    List<CardItem> cards =
        PlatformInventory.of(platform).cards().stream()
            .filter(card -> card.partition().equals(partition.name()))
            .toList();
    if (below.isEmpty()) {
      return Optional.of(
          Resource.collection(
              path,
              "EthernetInterface",
              "Network cards",
              cards.stream().map(Systems::id).toList()));
    }
    return cards.stream()
        .filter(card -> below.equals(List.of(id(card))))
        .findFirst()
        .map(card -> card(card, path + "/" + id(card)));
  }

  /// A card that the monitor plays has a place of its partition's, which says nothing here.
  private static String id(CardItem card) {
    return card.kind().equals("virtual") ? card.name() : card.at().replace(':', '-');
  }

  private static Resource card(CardItem card, String path) {
    String mac = card.mac().toUpperCase(Locale.ROOT);
    return Resource.of(path, "#EthernetInterface.v1_12_0.EthernetInterface", card.name())
        .with("PermanentMACAddress", mac)
        .with("MACAddress", mac)
        .with("Status", Resource.OK)
        .with("Links", map("Chassis", link(Machine.PATH)));
  }

  private Optional<Resource> storage(RunningPartition partition, String path, List<String> below) {
    List<BootDisk> disks = platform.disks(partition.name());
    String disksPath = path + "/" + DISKS;
    if (below.isEmpty()) {
      return Optional.of(Resource.collection(path, "Storage", "Storage", List.of(DISKS)));
    }
    if (below.equals(List.of(DISKS))) {
      return Optional.of(
          Resource.of(disksPath, "#Storage.v1_15_0.Storage", "Disks of " + partition.name())
              .with("Status", Resource.OK)
              .with("Drives@odata.count", disks.size())
              .with("Drives", disks.stream().map(disk -> link(Machine.pathOf(disk))).toList()));
    }
    return Optional.empty();
  }
}
