package dev.portcullis.vmm.platform.description;

import dev.portcullis.machine.chassis.HostMemory;
import dev.portcullis.machine.description.ByteSize;
import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.ReservedMemory;
import dev.portcullis.machine.description.Section;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.filter.run.Firewall;
import dev.portcullis.vmm.filter.text.RulesetText;
import dev.portcullis.vmm.platform.description.PartitionDescription.EngineKind;
import dev.portcullis.vmm.platform.description.PartitionDescription.Role;
import dev.portcullis.vmm.platform.description.PlatformDescription.LinkDescription;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads platform files: a machine file with partitions.
public final class PlatformFile {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,30}");
  private static final long PARTITION_STEP = 2 << 20;
  private static final long LEAST_MONITOR_BYTES = 4 << 20;

  private final Section file;
  private final Path folder;
  private final MachineDescription machine;
  private final Map<String, RequesterId> names;
  private final Assignable assignable;
  private final Map<RequesterId, String> owners = new HashMap<>();
  private final List<PartitionDescription> partitions = new ArrayList<>();

  private PlatformFile(Section file, Path folder, MachineFile.Named machine) {
    this.file = file;
    this.folder = folder;
    this.machine = machine.machine();
    this.names = machine.names();
    this.assignable = new Assignable(this.machine);
  }

  /// Reads the platform in a file. Paths in it are relative to its folder.
  public static PlatformDescription read(Path path) throws MachineFileException {
    return of(Section.read(path), Section.folderOf(path));
  }

  /// Reads a platform from text.
  ///
  /// @param name what messages call it
  /// @param folder what relative paths in it start from
  public static PlatformDescription parse(String name, Path folder, String yaml)
      throws MachineFileException {
    return of(Section.parse(name, yaml), folder);
  }

  /// Reads a partition that is to come to a platform: what the platform file says of one, and
  /// `link`, the name of the partition that its virtual network card's cable leads to.
  ///
  /// @param folder what relative paths in it start from
  /// @throws MachineFileException with the line, and what to change
  public static Addition addition(Section section, Path folder, PlatformDescription platform)
      throws MachineFileException {
    PlatformFile reader =
        new PlatformFile(
            section, folder, new MachineFile.Named(platform.machine(), platform.names()));
    reader.partitions.addAll(platform.partitions());
    Optional<String> link = section.value("link", reader::partitionName);
    PartitionDescription partition = reader.partition(section);
    if (partition.role() != Role.CLIENT) {
      throw section.wrong("runs", "only a client can be added");
    }
    reader.partitions.add(partition);
    reader.requireRoom(platform.firmwareBytes() + platform.monitorBytes());
    return new Addition(partition, link);
  }

  private static PlatformDescription of(Section file, Path folder) throws MachineFileException {
    MachineFile.Named machine = MachineFile.partOf(file, folder);
    PlatformDescription platform = new PlatformFile(file, folder, machine).platform();
    file.end();
    return platform;
  }

  private PlatformDescription platform() throws MachineFileException {
    if (machine.units().size() != 1) {
      throw file.wrong("units", "a platform has one unit, which covers all its devices");
    }
    if (!machine.remapsInterrupts()) {
      throw file.wrong(
          "units",
          "without interrupt remapping a device can forge interrupts: take a profile that has it,"
              + " such as scalable");
    }
    if (machine.memoryBytes() > HostMemory.MOST_BYTES) {
      throw file.wrong("memory", "a platform has up to 3 GiB");
    }
    long firmwareBytes = bytes("firmware", 4096, PlatformDescription.FIRMWARE_BYTES);
    long monitorBytes = bytes("monitor", LEAST_MONITOR_BYTES, PlatformDescription.MONITOR_BYTES);
    requireReservedWithin(firmwareBytes);
    List<Section> sections =
        file.sections("partitions").orElseThrow(() -> file.wrong("\"partitions\" is missing"));
    for (Section section : sections) {
      partitions.add(partition(section));
    }
    requireRoom(firmwareBytes + monitorBytes);
    List<LinkDescription> links = new ArrayList<>();
    for (Section section : file.sections("links").orElse(List.of())) {
      links.add(link(section));
    }
    return new PlatformDescription(
        machine,
        names,
        firmwareBytes,
        monitorBytes,
        partitions,
        links,
        rules(),
        file.value("captures", text -> folder.resolve(text).normalize()),
        new ManagementReader(file, folder, this::requester, this::partitionName).read(),
        new ExpectationReader(partitions, machine, names, owners).read(file));
  }

  /// What devices use for the firmware is the firmware's.
  private void requireReservedWithin(long firmwareBytes) throws MachineFileException {
    long first = machine.memoryBytes() - firmwareBytes;
    for (Section device : file.sections("devices").orElse(List.of())) {
      RequesterId at = RequesterId.parse(device.required("at", text -> text));
      Optional<ReservedMemory> reserved = machine.topology().reservedFor(at);
      if (reserved.isPresent()
          && reserved.get().first() < first
          && reserved.get().end() > PlatformDescription.LOW_BYTES) {
        throw device.wrong(
            "reserved-memory",
            "%s is not all the firmware's, which is up to %#x and from %#x on"
                .formatted(reserved.get(), PlatformDescription.LOW_BYTES - 1, first));
      }
    }
  }

  private long bytes(String key, long step, long otherwise) throws MachineFileException {
    long bytes = file.value(key, ByteSize::parse).orElse(otherwise);
    if (bytes < step || bytes % 4096 != 0) {
      throw file.wrong(
          key, "%s: at least %s, in steps of 4 KiB".formatted(text(bytes), text(step)));
    }
    return bytes;
  }

  private static String text(long bytes) {
    return ByteSize.toText(bytes);
  }

  private PartitionDescription partition(Section section) throws MachineFileException {
    String name = section.required("name", PlatformFile::name);
    if (partitions.stream().anyMatch(one -> one.name().equals(name))) {
      throw section.wrong("name", "there is a partition \"" + name + "\" already");
    }
    long memory =
        section.value("memory", ByteSize::parse).orElse(PartitionDescription.DEFAULT_MEMORY_BYTES);
    if (memory < PARTITION_STEP || memory % PARTITION_STEP != 0) {
      throw section.wrong("memory", text(memory) + ": at least 2 MiB, in steps of 2 MiB");
    }
    EngineKind engine = section.choice("engine", EngineKind.class).orElse(EngineKind.EMBEDDED);
    PartitionDescription partition =
        new PartitionDescription(
            name,
            engine,
            memory,
            section
                .choice("runs", Role.class)
                .orElseThrow(() -> section.wrong("\"runs\" is missing: bridge or client")),
            section.value("address", NetworkAddress::parse),
            devices(section, name),
            new BootReader(folder).read(section, engine, memory));
    requireTold(section, partition);
    section.end();
    return partition;
  }

  /// A partition in QEMU knows its functions by what their requests carry.
  private void requireTold(Section section, PartitionDescription partition)
      throws MachineFileException {
    for (RequesterId at : partition.devices()) {
      RequesterId requester = machine.topology().requesterOf(at);
      if (partition.engine() != EngineKind.EMBEDDED && !requester.equals(at)) {
        throw section.wrong(
            "devices",
            "%s has requester ID %s: only a partition with engine: embedded can have it"
                .formatted(at, requester));
      }
    }
  }

  private List<RequesterId> devices(Section section, String partition) throws MachineFileException {
    List<RequesterId> devices = section.values("devices", this::assignable).orElse(List.of());
    for (RequesterId at : devices) {
      String before = owners.putIfAbsent(at, partition);
      if (before != null) {
        throw section.wrong(
            "devices",
            "%s is given to %s already: a device belongs to one partition at a time"
                .formatted(at, before));
      }
      Optional<String> conflict = assignable.conflict(at, partition, owners);
      if (conflict.isPresent()) {
        throw section.wrong("devices", conflict.get());
      }
    }
    return devices;
  }

  private RequesterId assignable(String text) {
    RequesterId at = find(text, machine, names);
    for (DeviceDescription device : machine.devices()) {
      if (device.at().equals(at)
          && device instanceof DeviceDescription.VirtioNet card
          && card.virtualFunctions() > 0) {
        throw new IllegalArgumentException(
            "\"%s\" has virtual functions and stays with the monitor: assign %s-vf0 or another"
                .formatted(text, text));
      }
    }
    assignable
        .obstacle(at)
        .ifPresent(obstacle -> {
          throw new IllegalArgumentException(obstacle);
        });
    return at;
  }

  /// The place of the device that is called `text`, by its name or its place.
  static RequesterId find(String text, MachineDescription machine, Map<String, RequesterId> names) {
    RequesterId named = names.get(text);
    if (named != null) {
      return named;
    }
    return machine.devices().stream()
        .map(device -> device.at())
        .filter(at -> at.toString().equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "there is no device \"%s\"; known here are %s"
                    .formatted(text, String.join(", ", names.keySet()))));
  }

  /// What the requests of a device carry: faults name it so.
  private RequesterId requester(String text) {
    return machine.topology().requesterOf(find(text, machine, names));
  }

  private void requireRoom(long reserved) throws MachineFileException {
    long wanted =
        partitions.stream().mapToLong(PartitionDescription::memoryBytes).sum()
            + (reserved + PARTITION_STEP - 1 & -PARTITION_STEP)
            + PARTITION_STEP;
    if (wanted > machine.memoryBytes()) {
      throw file.wrong(
          "memory",
          "%s are not enough: firmware, monitor and partitions need %s"
              .formatted(text(machine.memoryBytes()), text(wanted)));
    }
  }

  private LinkDescription link(Section section) throws MachineFileException {
    List<String> ends = section.values("between", this::partitionName).orElse(List.of());
    if (ends.size() != 2 || ends.get(0).equals(ends.get(1))) {
      throw section.wrong("between", "two different partitions are needed: [user, services]");
    }
    section.end();
    return new LinkDescription(ends.get(0), ends.get(1));
  }

  private String partitionName(String text) {
    return partitionName(text, partitions);
  }

  static String partitionName(String text, List<PartitionDescription> partitions) {
    if (partitions.stream().noneMatch(one -> one.name().equals(text))) {
      throw new IllegalArgumentException(
          "there is no partition \"%s\"; known here are %s"
              .formatted(
                  text,
                  String.join(", ", partitions.stream().map(PartitionDescription::name).toList())));
    }
    return text;
  }

  private Optional<Ruleset> rules() throws MachineFileException {
    Optional<Path> path = file.value("rules", text -> folder.resolve(text).normalize());
    if (path.isEmpty()) {
      return Optional.empty();
    }
    try {
      Ruleset rules = RulesetText.read(path.get());
      new Firewall(entry -> {}).load(rules, Established.CUT);
      return Optional.of(rules);
    } catch (RulesetException e) {
      throw file.wrong("rules", e.getMessage());
    }
  }

  private static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is not a name: a small letter, then up to 30 small letters, digits and -"
              .formatted(text));
    }
    return text;
  }
}
