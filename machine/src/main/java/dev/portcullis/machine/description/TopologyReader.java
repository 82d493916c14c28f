package dev.portcullis.machine.description;

import dev.portcullis.machine.description.DeviceDescription.Nvme;
import dev.portcullis.machine.description.DeviceDescription.VirtioNet;
import dev.portcullis.pci.RequesterId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads what entries of `devices` say of how the device is connected.
final class TopologyReader {
  private final long memoryBytes;
  private final Map<Section, DeviceDescription> sections = new LinkedHashMap<>();
  private final Map<RequesterId, RequesterId> requesters = new HashMap<>();
  private final Map<RequesterId, ReservedMemory> reserved = new HashMap<>();
  private final Set<RequesterId> acs = new HashSet<>();

  TopologyReader(long memoryBytes) {
    this.memoryBytes = memoryBytes;
  }

  /// Reads the entry of `device`.
  void add(Section section, DeviceDescription device) throws MachineFileException {
    sections.put(section, device);
    Optional<RequesterId> requester = section.value("requester-id", TopologyReader::requester);
    if (requester.isPresent()) {
      if (isKnownByItsId(device)) {
        throw section.wrong(
            "requester-id",
            "a device with a translation cache, PASIDs or virtual functions is told from others by"
                + " its own");
      }
      requesters.put(device.at(), requester.get());
    }
    Optional<Section> region = section.section("reserved-memory");
    if (region.isPresent()) {
      reserve(region.get(), device.at());
    }
    if (section.flag("acs").orElse(false)) {
      acs.add(device.at());
    }
  }

  private static RequesterId requester(String text) {
    RequesterId requester = RequesterId.parse(text);
    if (requester.bus() != 0) {
      throw new IllegalArgumentException(requester + " is not on bus 00, where all bridges are");
    }
    return requester;
  }

  private static boolean isKnownByItsId(DeviceDescription device) {
    return switch (device) {
      case Nvme disk -> disk.deviceTlb();
      case VirtioNet card -> card.virtualFunctions() > 0;
      case DeviceDescription.DmaEngine _ -> true;
      case DeviceDescription.Edu _, DeviceDescription.IommuTestdev _ -> false;
    };
  }

  private void reserve(Section section, RequesterId at) throws MachineFileException {
    long first = section.required("at", TopologyReader::address);
    long bytes = section.required("size", ByteSize::parse);
    section.end();
    ReservedMemory region;
    try {
      region = new ReservedMemory(first, bytes);
    } catch (IllegalArgumentException refused) {
      throw section.wrong(refused.getMessage());
    }
    if (bytes > memoryBytes || first > memoryBytes - bytes) {
      throw section.wrong(region + " is not all in the " + ByteSize.toText(memoryBytes) + " there");
    }
    for (Map.Entry<RequesterId, ReservedMemory> other : reserved.entrySet()) {
      if (region.overlaps(other.getValue())) {
        throw section.wrong(
            "%s overlaps %s of %s".formatted(region, other.getValue(), other.getKey()));
      }
    }
    reserved.put(at, region);
  }

  private static long address(String text) {
    try {
      return Long.decode(text);
    } catch (NumberFormatException notOne) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not an address, such as 0x1ff00000", notOne);
    }
  }

  /// What all devices have said, held against where they are.
  Topology read(List<UnitDescription> units, List<DeviceDescription> devices)
      throws MachineFileException {
    for (Map.Entry<Section, DeviceDescription> entry : sections.entrySet()) {
      RequesterId at = entry.getValue().at();
      RequesterId first = new RequesterId(at.bus(), at.device(), 0);
      if (devices.stream().noneMatch(device -> device.at().equals(first))) {
        throw entry
            .getKey()
            .wrong("at", "%s needs a function 0 of its device, at %s".formatted(at, first));
      }
      if (requesters.containsKey(at)) {
        requireRequester(entry.getKey(), entry.getValue(), units, devices);
      }
    }
    return new Topology(requesters, reserved, acs);
  }

  private void requireRequester(
      Section section,
      DeviceDescription device,
      List<UnitDescription> units,
      List<DeviceDescription> devices)
      throws MachineFileException {
    RequesterId requester = requesters.get(device.at());
    if (units.stream().anyMatch(unit -> unit.at().equals(requester))) {
      throw section.wrong("requester-id", requester + " is a unit's, which sends nothing");
    }
    for (DeviceDescription other : devices) {
      RequesterId theirs = requesters.getOrDefault(other.at(), other.at());
      if (theirs.equals(requester) && !other.unit().equals(device.unit())) {
        throw section.wrong(
            "requester-id",
            "%s has it, too, and is behind another unit; one requester has one unit"
                .formatted(other.at()));
      }
    }
  }
}
