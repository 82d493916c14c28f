package dev.portcullis.vmm.platform.boot;

import java.util.List;
import java.util.Optional;

/// What a partition is about to boot from.
///
/// @param partition its name
/// @param parts files, in the order in which they come to work
/// @param commandLine of the kernel, as it will be handed over; none if there is no kernel
/// @param disks of the functions that the partition has now, by place
public record BootMaterial(
    String partition, List<BootPart> parts, Optional<String> commandLine, List<BootDisk> disks) {
  public BootMaterial {
    parts = List.copyOf(parts);
    disks = List.copyOf(disks);
  }

  /// The part of a kind, if there is one.
  public Optional<BootPart> part(BootPart.Kind kind) {
    return parts.stream().filter(one -> one.kind() == kind).findFirst();
  }
}
