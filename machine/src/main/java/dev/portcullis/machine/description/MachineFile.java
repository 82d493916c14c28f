package dev.portcullis.machine.description;

import dev.portcullis.machine.description.MachineDescription.X2apic;
import dev.portcullis.pci.RequesterId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Reads machine files.
public final class MachineFile {
  private static final int LIMIT_BYTES = 1 << 20;
  private static final String DEFAULT = "default.yaml";
  private static final String QTEST = "qtest.yaml";

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final String name;
  private final Path folder;
  private final Map<RequesterId, String> places = new HashMap<>();

  private MachineFile(String name, Path folder) {
    this.name = name;
    this.folder = folder;
  }

  /// Reads the machine in a file. Paths in it are relative to its folder.
  public static MachineDescription read(Path file) throws MachineFileException {
    String name = file.toString();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] text = in.readNBytes(LIMIT_BYTES + 1);
      if (text.length > LIMIT_BYTES) {
        throw new MachineFileException(name, "", "larger than 1 MiB: not a machine file");
      }
      return parse(name, file.toAbsolutePath().getParent(), text);
    } catch (NoSuchFileException absent) {
      throw new MachineFileException(name, "", "there is no such file");
    } catch (IOException e) {
      throw new MachineFileException(name, "", "cannot be read: " + e.getMessage());
    }
  }

  /// Reads a machine from text.
  ///
  /// @param name what messages call it
  /// @param folder what relative paths in it start from
  public static MachineDescription parse(String name, Path folder, String yaml)
      throws MachineFileException {
    return parse(name, folder, yaml.getBytes(StandardCharsets.UTF_8));
  }

  private static MachineDescription parse(String name, Path folder, byte[] yaml)
      throws MachineFileException {
    try {
      JsonNode root = YAML.readTree(yaml);
      return new MachineFile(name, folder).machine(Section.of(name, "", root));
    } catch (JacksonException e) {
      var at = e.getLocation();
      String line = at == null ? "" : "line " + at.getLineNr();
      throw new MachineFileException(
          name, line, "not YAML: " + e.getOriginalMessage().lines().findFirst().orElse(""));
    }
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
      return parse(resource, Path.of(""), in.readAllBytes());
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
    List<DeviceDescription> devices = devices(machine, units);
    X2apic x2apic = machine.choice("x2apic", X2apic.class).orElse(X2apic.ALLOWED);
    machine.end();
    try {
      return new MachineDescription(memoryBytes, units, devices, x2apic);
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

  private List<DeviceDescription> devices(Section machine, List<UnitDescription> units)
      throws MachineFileException {
    List<String> ids = units.stream().map(UnitDescription::id).toList();
    List<DeviceDescription> devices = new ArrayList<>();
    for (Section section : machine.sections("devices").orElse(List.of())) {
      DeviceDescription device = DeviceReader.read(section, ids, folder);
      take(section, device.at(), "a device of type " + Names.written(device.type()));
      devices.add(device);
    }
    return devices;
  }

  private void take(Section section, RequesterId place, String who) throws MachineFileException {
    String there = places.putIfAbsent(place, who);
    if (there != null) {
      throw section.wrong("at", place + " is taken by " + there);
    }
  }
}
