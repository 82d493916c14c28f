package dev.portcullis.machine.description;

import dev.portcullis.pci.RequesterId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which functions of a machine a unit cannot keep apart: those whose requests carry the same
/// requester id, and functions of one device without access control services, which may reach each
/// other without a request leaving the device. What cannot be kept apart from something that cannot
/// be kept apart from a third cannot be kept apart from that.
///
/// Virtual functions have requester ids of their own, and their device keeps them apart.
///
/// @pcie 6.12 Access Control Services (ACS)
public final class IsolationGroups {
  private final MachineDescription machine;

  public IsolationGroups(MachineDescription machine) {
    this.machine = machine;
  }

  /// Why two functions cannot be kept apart.
  public enum Tie {
    /// Their requests carry the same requester id.
    SAME_REQUESTER_ID,
    /// They are functions of one device, and neither has access control services.
    NO_ACCESS_CONTROL
  }

  /// A function that another one cannot be kept apart from.
  ///
  /// @param why for people
  public record Companion(RequesterId at, Tie tie, String why) {}

  /// The functions that the one at `at` cannot be kept apart from, nearest first.
  public List<Companion> companionsOf(RequesterId at) {
    Map<RequesterId, Companion> found = new LinkedHashMap<>();
    Deque<RequesterId> open = new ArrayDeque<>(List.of(at));
    while (!open.isEmpty()) {
      RequesterId one = open.remove();
      for (DeviceDescription device : machine.devices()) {
        RequesterId other = device.at();
        Optional<Tie> tie = tieOf(one, other);
        if (!other.equals(at) && tie.isPresent() && !found.containsKey(other)) {
          found.put(other, new Companion(other, tie.get(), text(tie.get(), one)));
          open.add(other);
        }
      }
    }
    return List.copyOf(found.values());
  }

  private Optional<Tie> tieOf(RequesterId one, RequesterId other) {
    Topology topology = machine.topology();
    if (topology.requesterOf(one).equals(topology.requesterOf(other))) {
      return Optional.of(Tie.SAME_REQUESTER_ID);
    }
    boolean sameDevice =
        isPhysical(one) && one.bus() == other.bus() && one.device() == other.device();
    boolean apart = topology.acs().contains(one) || topology.acs().contains(other);
    return sameDevice && !apart ? Optional.of(Tie.NO_ACCESS_CONTROL) : Optional.empty();
  }

  private boolean isPhysical(RequesterId at) {
    return machine.devices().stream().anyMatch(device -> device.at().equals(at));
  }

  private String text(Tie tie, RequesterId at) {
    return switch (tie) {
      case SAME_REQUESTER_ID -> "they share requester ID " + machine.topology().requesterOf(at);
      case NO_ACCESS_CONTROL ->
          "they are functions of device %02x:%02x without ACS between them"
              .formatted(at.bus(), at.device());
    };
  }
}
