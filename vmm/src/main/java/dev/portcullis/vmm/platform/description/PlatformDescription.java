package dev.portcullis.vmm.platform.description;

import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.filter.rule.Ruleset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A machine, the partitions on it, and what is expected of them. Start with [PlatformFile].
///
/// @param machine memory, one unit, devices
/// @param names devices by the names they were given
/// @param firmwareBytes memory at the end that belongs to the firmware
/// @param monitorBytes memory in front of it that belongs to the monitor, tables included
/// @param partitions in the order in which they start
/// @param links cables between virtual network cards
/// @param rules what the bridge forwards: everything without a ruleset
/// @param captures folder for what comes and goes at the bridge's ports; nothing is captured
///   without
/// @param management what is done about faults, and who is told of events
/// @param steps what is expected, in the order in which it is looked at
public record PlatformDescription(
    MachineDescription machine,
    Map<String, RequesterId> names,
    long firmwareBytes,
    long monitorBytes,
    List<PartitionDescription> partitions,
    List<LinkDescription> links,
    Optional<Ruleset> rules,
    Optional<Path> captures,
    ManagementDescription management,
    List<Step> steps) {

  /// Memory of the firmware if nothing is said.
  public static final long FIRMWARE_BYTES = 1 << 20;

  /// Memory at the beginning, which is the firmware's, too.
  public static final long LOW_BYTES = 2 << 20;

  /// Memory of the monitor if nothing is said.
  public static final long MONITOR_BYTES = 7 << 20;

  public PlatformDescription {
    partitions = List.copyOf(partitions);
    links = List.copyOf(links);
    steps = List.copyOf(steps);
  }

  /// The same with one more partition.
  ///
  /// @throws IllegalArgumentException if there is one of its name already
  public PlatformDescription with(Addition addition) {
    String name = addition.partition().name();
    if (partitions.stream().anyMatch(one -> one.name().equals(name))) {
      throw new IllegalArgumentException("there is a partition " + name + " already");
    }
    List<PartitionDescription> more = new ArrayList<>(partitions);
    more.add(addition.partition());
    List<LinkDescription> cables = new ArrayList<>(links);
    addition.link().ifPresent(cables::add);
    return of(more, cables);
  }

  /// The same without the partition called `name`, and its cables.
  public PlatformDescription without(String name) {
    return of(
        partitions.stream().filter(one -> !one.name().equals(name)).toList(),
        links.stream()
            .filter(link -> !link.one().equals(name) && !link.other().equals(name))
            .toList());
  }

  private PlatformDescription of(
      List<PartitionDescription> otherPartitions, List<LinkDescription> otherLinks) {
    return new PlatformDescription(
        machine,
        names,
        firmwareBytes,
        monitorBytes,
        otherPartitions,
        otherLinks,
        rules,
        captures,
        management,
        steps);
  }

  /// Expectations that are looked at all at once.
  public record Step(List<Expectation> atOnce) {
    public Step {
      atOnce = List.copyOf(atOnce);
    }
  }

  /// All expectations, in the order of the file.
  public List<Expectation> expectations() {
    return steps.stream().flatMap(step -> step.atOnce().stream()).toList();
  }

  /// A cable between virtual network cards of two partitions.
  ///
  /// @param one name of a partition
  /// @param other name of another
  public record LinkDescription(String one, String other) {}

  /// The place of the device that is called `name`, by its name or its place.
  ///
  /// @throws IllegalArgumentException if there is none
  public RequesterId device(String name) {
    return PlatformFile.find(name, machine, names);
  }

  /// What a person calls the device at `at`.
  public String nameOf(RequesterId at) {
    return names.entrySet().stream()
        .filter(entry -> entry.getValue().equals(at))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(at.toString());
  }

  /// The partition called `name`.
  public PartitionDescription partition(String name) {
    return partitions.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
  }
}
