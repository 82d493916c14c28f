package dev.portcullis.machine.description;

import dev.portcullis.machine.description.DeviceDescription.VirtioNet;
import dev.portcullis.machine.description.MachineDescription.X2apic;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.Sriov;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads machine files.
public final class MachineFile {
  private static final String DEFAULT = "default.yaml";
  private static final String QTEST = "qtest.yaml";
  private static final Pattern NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9_-]*");

  private final Path folder;
  private final Map<RequesterId, String> places = new HashMap<>();
  private final Map<String, RequesterId> names = new LinkedHashMap<>();

  private MachineFile(Path folder) {
    this.folder = folder;
  }

  /// A machine whose file may hold more than that.
  ///
  /// @param names where the devices are that have been given names
  public record Named(MachineDescription machine, Map<String, RequesterId> names) {
    public Named {
      names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
    }
  }

  /// Reads the machine in a file. Paths in it are relative to its folder.
  public static MachineDescription read(Path file) throws MachineFileException {
    return whole(Section.read(file), Section.folderOf(file));
  }

  /// Reads a machine from text.
  ///
  /// @param name what messages call it
  /// @param folder what relative paths in it start from
  public static MachineDescription parse(String name, Path folder, String yaml)
      throws MachineFileException {
    return whole(Section.parse(name, yaml), folder);
  }

  private static MachineDescription whole(Section file, Path folder) throws MachineFileException {
    MachineDescription machine = partOf(file, folder).machine();
    file.end();
    return machine;
  }

  /// Reads the machine that `file` describes among other things.
  ///
  /// @param folder what relative paths in it start from
  public static Named partOf(Section file, Path folder) throws MachineFileException {
    MachineFile reader = new MachineFile(folder);
    MachineDescription machine = reader.machine(file);
    return new Named(machine, reader.names);
  }

  /// The machine that is used when none is named: one unit in legacy mode, an NVMe disk, an edu
  /// device.
  public static MachineDescription standard() {
    return shipped(DEFAULT);
  }

  /// The machine that is driven over qtest when none is named: one unit with all there is, QEMU's
  /// test device at 00:01.0, an edu device as QEMU's at 00:02.0.
  public static MachineDescription qtest() {
    return shipped(QTEST);
  }

  private static MachineDescription shipped(String resource) {
    try (InputStream in = MachineFile.class.getResourceAsStream(resource)) {
      return parse(resource, Path.of(""), new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException | MachineFileException e) {
      throw new AssertionError("the machine we ship", e);
    }
  }

  private MachineDescription machine(Section machine) throws MachineFileException {
    long memoryBytes =
        machine
            .value("memory", MachineDescription::memory)
            .orElse(MachineDescription.DEFAULT_MEMORY_BYTES);
    List<UnitDescription> units = units(machine);
    TopologyReader topology = new TopologyReader(memoryBytes);
    List<DeviceDescription> devices = devices(machine, units, topology);
    X2apic x2apic = machine.choice("x2apic", X2apic.class).orElse(X2apic.ALLOWED);
    try {
      return new MachineDescription(
          memoryBytes, units, devices, x2apic, topology.read(units, devices));
    } catch (IllegalArgumentException refused) {
      throw machine.wrong(refused.getMessage());
    }
  }

  private List<UnitDescription> units(Section machine) throws MachineFileException {
    List<Section> sections =
        machine.sections("units").orElseThrow(() -> machine.wrong("\"units\" is missing"));
    List<UnitDescription> units = new ArrayList<>();
    for (Section section : sections) {
      UnitDescription unit = UnitReader.read(section, units.size());
      if (units.stream().anyMatch(other -> other.id().equals(unit.id()))) {
        throw section.wrong("id", "there is a unit \"" + unit.id() + "\" already");
      }
      take(section, unit.at(), "unit " + unit.id());
      units.add(unit);
    }
    if (units.isEmpty()) {
      throw machine.wrong("units", "at least one unit is needed");
    }
    return units;
  }

  private List<DeviceDescription> devices(
      Section machine, List<UnitDescription> units, TopologyReader topology)
      throws MachineFileException {
    List<String> ids = units.stream().map(UnitDescription::id).toList();
    List<DeviceDescription> devices = new ArrayList<>();
    Cables cables = new Cables();
    for (Section section : machine.sections("devices").orElse(List.of())) {
      DeviceDescription device = DeviceReader.read(section, ids, folder);
      take(section, device.at(), "a device of type " + Names.written(device.type()));
      name(section, device.at());
      takeVirtual(section, device);
      topology.add(section, device);
      section.end();
      cables.plug(section, device);
      devices.add(device);
    }
    cables.requirePlugged();
    return devices;
  }

  private void name(Section section, RequesterId at) throws MachineFileException {
    Optional<String> name = section.value("name", MachineFile::name);
    if (name.isPresent()) {
      name(section, name.get(), at);
    }
  }

  private void name(Section section, String name, RequesterId at) throws MachineFileException {
    if (names.putIfAbsent(name, at) != null) {
      throw section.wrong("name", "there is a device \"" + name + "\" already");
    }
  }

  /// The virtual functions of a device called `nic` are `nic-vf0`, `nic-vf1` and so on.
  private void takeVirtual(Section section, DeviceDescription device) throws MachineFileException {
    int count = device instanceof VirtioNet card ? card.virtualFunctions() : 0;
    Optional<String> name = section.value("name", MachineFile::name);
    for (int i = 0; i < count; i++) {
      RequesterId at = Sriov.place(device.at(), i);
      take(section, at, "virtual function %d of %s".formatted(i, device.at()));
      if (name.isPresent()) {
        name(section, "%s-vf%d".formatted(name.get(), i), at);
      }
    }
  }

  private static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a name: a letter, then letters, digits, - and _");
    }
    return text;
  }

  private void take(Section section, RequesterId place, String who) throws MachineFileException {
    String there = places.putIfAbsent(place, who);
    if (there != null) {
      throw section.wrong("at", place + " is taken by " + there);
    }
  }
}
