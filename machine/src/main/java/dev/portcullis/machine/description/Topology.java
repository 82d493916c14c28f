package dev.portcullis.machine.description;

import dev.portcullis.pci.RequesterId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What of a machine's devices does not follow from their places.
///
/// @param requesters what the requests of a device carry that do not carry its own place: a bridge
///   to conventional PCI puts its own there, and some devices put that of their function 0
/// @param reserved memory that a device goes on using for the firmware
/// @param acs devices that announce access control services: none of their requests reaches another
///   function of theirs past the unit
public record Topology(
    Map<RequesterId, RequesterId> requesters,
    Map<RequesterId, ReservedMemory> reserved,
    Set<RequesterId> acs) {

  /// Everything follows from the places.
  public static final Topology PLAIN = new Topology(Map.of(), Map.of(), Set.of());

  public Topology {
    requesters = Map.copyOf(requesters);
    reserved = Map.copyOf(reserved);
    acs = Set.copyOf(acs);
  }

  /// What the requests of the function at `at` carry.
  public RequesterId requesterOf(RequesterId at) {
    return requesters.getOrDefault(at, at);
  }

  /// What the function at `at` goes on using for the firmware.
  public Optional<ReservedMemory> reservedFor(RequesterId at) {
    return Optional.ofNullable(reserved.get(at));
  }
}
