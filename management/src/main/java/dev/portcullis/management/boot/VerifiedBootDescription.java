package dev.portcullis.management.boot;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How partitions are verified.
///
/// @param key file of the public key that manifests are signed with
/// @param others what becomes of partitions that have no manifest
/// @param partitions those that have one
public record VerifiedBootDescription(Path key, Others others, List<VerifiedPartition> partitions) {

  /// What becomes of partitions that have no manifest.
  public enum Others {
    /// They stay off.
    REFUSE,
    /// They are measured, but for their disks, and start.
    START
  }

  /// A partition that has a manifest.
  ///
  /// @param partition its name
  /// @param signature file of the manifest's signature
  /// @param images by disk: the safe images that it can be rebuilt from
  public record VerifiedPartition(
      String partition, Path manifest, Path signature, Map<String, Path> images) {
    public VerifiedPartition {
      images = Map.copyOf(images);
    }
  }

  public VerifiedBootDescription {
    partitions = List.copyOf(partitions);
  }

  /// The partition called `name`, if it has a manifest.
  public Optional<VerifiedPartition> partition(String name) {
    return partitions.stream().filter(one -> one.partition().equals(name)).findFirst();
  }
}
