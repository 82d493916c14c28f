package dev.portcullis.vmm.platform.description;

import dev.portcullis.pci.RequesterId;
import java.util.List;
import java.util.Optional;

/// A partition of a platform.
///
/// @param engine what makes it run
/// @param memoryBytes its window: a multiple of 2 MiB
/// @param role what its software does
/// @param address its address in the network, for a client
/// @param devices the functions it is given at first
/// @param boot what it boots from
public record PartitionDescription(
    String name,
    EngineKind engine,
    long memoryBytes,
    Role role,
    Optional<NetworkAddress> address,
    List<RequesterId> devices,
    BootDescription boot) {

  /// What makes a partition run.
  public enum EngineKind {
    EMBEDDED,
    QEMU,
    /// QEMU if there is one that can be used, else embedded.
    AUTO
  }

  /// What a partition's software does.
  public enum Role {
    /// Forwards between all its network cards: the services partition.
    BRIDGE,
    /// Uses its disk and its network.
    CLIENT
  }

  /// Memory of a partition that says nothing about it.
  public static final long DEFAULT_MEMORY_BYTES = 32 << 20;

  public PartitionDescription {
    devices = List.copyOf(devices);
  }
}
