package dev.portcullis.management.boot;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.management.boot.VerifiedBootDescription.Others;
import dev.portcullis.management.boot.VerifiedBootDescription.VerifiedPartition;
import dev.portcullis.management.boot.manifest.SignatureFile;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads `boot` of a management file.
public final class VerifiedBootReader {
  private final Path folder;
  private final PlatformDescription platform;

  /// @param folder what relative paths start from
  /// @param platform whose partitions and devices are named
  public VerifiedBootReader(Path folder, PlatformDescription platform) {
    this.folder = folder;
    this.platform = platform;
  }

  /// What `file` says of it, if it says anything.
  public Optional<VerifiedBootDescription> read(Section file) throws MachineFileException {
    Optional<Section> section = file.section("boot");
    if (section.isEmpty()) {
      return Optional.empty();
    }
    Section boot = section.get();
    List<VerifiedPartition> partitions = new ArrayList<>();
    for (Section one : boot.sections("partitions").orElse(List.of())) {
      partitions.add(partition(one, partitions));
    }
    VerifiedBootDescription description =
        new VerifiedBootDescription(
            boot.required("key", this::path),
            boot.choice("others", Others.class).orElse(Others.REFUSE),
            partitions);
    boot.end();
    return Optional.of(description);
  }

  private Path path(String text) {
    return folder.resolve(text).normalize();
  }

  private VerifiedPartition partition(Section section, List<VerifiedPartition> before)
      throws MachineFileException {
    String name = section.required("partition", this::partitionName);
    if (before.stream().anyMatch(one -> one.partition().equals(name))) {
      throw section.wrong("partition", "\"" + name + "\" is said twice");
    }
    return verified(section, name);
  }

  /// What a section says of how the partition called `name` is verified.
  public VerifiedPartition verified(Section section, String name) throws MachineFileException {
    Path manifest = section.required("manifest", this::path);
    Map<String, Path> images = new LinkedHashMap<>();
    for (Section one : section.sections("images").orElse(List.of())) {
      String disk = one.required("disk", this::device);
      if (images.put(disk, one.required("file", this::path)) != null) {
        throw one.wrong("disk", "\"" + disk + "\" is said twice");
      }
      one.end();
    }
    VerifiedPartition partition =
        new VerifiedPartition(
            name,
            manifest,
            section.value("signature", this::path).orElseGet(() -> SignatureFile.of(manifest)),
            images);
    section.end();
    return partition;
  }

  private String partitionName(String text) {
    List<String> names = platform.partitions().stream().map(PartitionDescription::name).toList();
    if (!names.contains(text)) {
      throw new IllegalArgumentException(
          "there is no partition \"%s\"; known here are %s"
              .formatted(text, String.join(", ", names)));
    }
    return text;
  }

  /// By the name that it has in messages and manifests.
  private String device(String text) {
    return platform.nameOf(platform.device(text));
  }
}
