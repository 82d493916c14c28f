package dev.portcullis.cli;

import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.boot.VerifiedBootDescription.VerifiedPartition;
import dev.portcullis.management.provision.Provision;
import dev.portcullis.management.provision.ProvisionFile;
import dev.portcullis.vmm.platform.BootPreview;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a partition of a platform file will boot from.
///
/// @param disks what messages and manifests call its disks
/// @param images safe images that its management file names, by disk
record BootPlan(BootMaterial material, List<String> disks, Map<String, Path> images) {

  static BootPlan read(Path file, String partition, PrintWriter err)
      throws MachineFileException, PlatformException, UserError, InterruptedException {
    return read(file, Optional.empty(), partition, err);
  }

  /// @param provision a file that brings a partition to the platform
  static BootPlan read(Path file, Optional<Path> provision, String partition, PrintWriter err)
      throws MachineFileException, PlatformException, UserError, InterruptedException {
    PlatformDescription written = PlatformFile.read(file);
    if (provision.isPresent()) {
      Provision one = provision(provision.get(), written);
      Map<String, Path> images = one.boot().map(VerifiedPartition::images).orElse(Map.of());
      return of(file, written.with(one.addition()), images, partition, err);
    }
    return of(file, written, images(written, partition), partition, err);
  }

  private static Provision provision(Path file, PlatformDescription platform)
      throws MachineFileException, UserError {
    try {
      Path folder = file.toAbsolutePath().getParent();
      return ProvisionFile.parse(file.toString(), folder, Files.readString(file), platform);
    } catch (IOException e) {
      throw new UserError("--provision: cannot read " + file + ": " + e.getMessage());
    }
  }

  private static BootPlan of(
      Path file,
      PlatformDescription platform,
      Map<String, Path> images,
      String partition,
      PrintWriter err)
      throws PlatformException, UserError, InterruptedException {
    PartitionDescription wanted =
        platform.partitions().stream()
            .filter(one -> one.name().equals(partition))
            .findFirst()
            .orElseThrow(
                () -> new UserError(file + ": there is no partition \"" + partition + "\""));
    try (ProgressLines progress = new ProgressLines(err)) {
      return new BootPlan(BootPreview.of(wanted, progress), disks(platform, wanted), images);
    }
  }

  private static List<String> disks(PlatformDescription platform, PartitionDescription wanted) {
    return platform.machine().devices().stream()
        .filter(DeviceDescription.Nvme.class::isInstance)
        .filter(device -> wanted.devices().contains(device.at()))
        .map(device -> platform.nameOf(device.at()))
        .toList();
  }

  private static Map<String, Path> images(PlatformDescription platform, String partition)
      throws MachineFileException {
    Optional<Path> management = platform.management().services();
    if (management.isEmpty()) {
      return Map.of();
    }
    return new LinkedHashMap<>(
        ManagementFile.read(management.get(), platform)
            .boot()
            .flatMap(boot -> boot.partition(partition))
            .map(VerifiedPartition::images)
            .orElse(Map.of()));
  }
}
