package dev.portcullis.management.boot.manifest;

import dev.portcullis.management.boot.verity.Verity;
import dev.portcullis.vmm.platform.boot.BootPart;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a partition should boot from.
///
/// @param partition its name
/// @param version of the manifest: a lower one than has been used does not count any more
/// @param parts SHA-256 of each file, in lower-case hexadecimal; what is missing must not be there
/// @param commandLine of the kernel; must not be there if missing
/// @param disks all that the partition has
public record Manifest(
    String partition,
    long version,
    Map<BootPart.Kind, String> parts,
    Optional<String> commandLine,
    List<ManifestDisk> disks) {
  public Manifest {
    Map<BootPart.Kind, String> sorted = new EnumMap<>(BootPart.Kind.class);
    sorted.putAll(parts);
    parts = Map.copyOf(sorted);
    disks = List.copyOf(disks);
  }

  /// What the disk called `device` should be.
  public Optional<ManifestDisk> disk(String device) {
    return disks.stream().filter(disk -> disk.device().equals(device)).findFirst();
  }

  /// What the first blocks of the disk called `device` should be, if it is not a disk of data.
  public Optional<Verity> verity(String device) {
    return disk(device).flatMap(ManifestDisk::verity);
  }
}
