package dev.portcullis.vmm.platform.description;

import dev.portcullis.machine.description.DeviceDescription.VirtioNet;
import dev.portcullis.machine.description.IsolationGroups;
import dev.portcullis.machine.description.IsolationGroups.Companion;
import dev.portcullis.machine.description.IsolationGroups.Tie;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.ReservedMemory;
import dev.portcullis.pci.RequesterId;
import java.util.Map;
import java.util.Optional;

/// Which functions of a machine can be given to partitions at all.
public final class Assignable {
  private final MachineDescription machine;
  private final IsolationGroups groups;

  public Assignable(MachineDescription machine) {
    this.machine = machine;
    this.groups = new IsolationGroups(machine);
  }

  /// Why the function at `at` cannot be given to a partition, with what can be done; empty if it
  /// can.
  public Optional<String> obstacle(RequesterId at) {
    Optional<String> own = ownObstacle(at);
    if (own.isPresent()) {
      return own.map(text -> at + " " + text);
    }
    for (Companion companion : groups.companionsOf(at)) {
      if (ownObstacle(companion.at()).isPresent()) {
        return Optional.of(
            "%s cannot be kept apart from %s, which stays with the monitor: %s"
                .formatted(at, companion.at(), companion.why()));
      }
    }
    return Optional.empty();
  }

  private Optional<String> ownObstacle(RequesterId at) {
    Optional<ReservedMemory> reserved = machine.topology().reservedFor(at);
    if (reserved.isPresent()) {
      return Optional.of(
          "goes on using reserved memory (RMRR) at %s for the firmware and stays with the monitor:"
                  .formatted(reserved.get())
              + " take it out of the partition, or leave reserved-memory out");
    }
    boolean hasVirtual =
        machine.devices().stream()
            .anyMatch(one ->
                one.at().equals(at)
                    && one instanceof VirtioNet card
                    && card.virtualFunctions() > 0);
    return hasVirtual
        ? Optional.of("has virtual functions and stays with the monitor: assign those")
        : Optional.empty();
  }

  /// Why the function at `at` cannot be given to `partition`, with what can be done, when others
  /// belong to `owners` already; empty if it can.
  Optional<String> conflict(RequesterId at, String partition, Map<RequesterId, String> owners) {
    for (Companion companion : groups.companionsOf(at)) {
      String owner = owners.getOrDefault(companion.at(), partition);
      if (!owner.equals(partition)) {
        return Optional.of(
            "%s cannot be kept apart from %s, which is given to %s: %s; give both to one partition%s"
                .formatted(at, companion.at(), owner, companion.why(), remedy(companion.tie())));
      }
    }
    return Optional.empty();
  }

  private static String remedy(Tie tie) {
    return switch (tie) {
      case SAME_REQUESTER_ID -> "";
      case NO_ACCESS_CONTROL -> ", or say acs: true of both if they have it";
    };
  }
}
