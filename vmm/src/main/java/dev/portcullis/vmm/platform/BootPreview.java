package dev.portcullis.vmm.platform;

import dev.portcullis.machine.PlatformException;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.qemu.install.ProvisioningException;
import dev.portcullis.qemu.run.QemuCommandLine;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.qemu.LinuxSupply;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import dev.portcullis.vmm.platform.boot.BootPart;
import dev.portcullis.vmm.platform.boot.HeldImage;
import dev.portcullis.vmm.platform.description.BootDescription.ImageDescription;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What a partition would boot from if its platform were started now.
public final class BootPreview {
  private BootPreview() {}

  /// Files and command line; no disks.
  ///
  /// @param partition of a platform file
  /// @param progress of installing QEMU and a kernel, if they are missing
  /// @throws PlatformException if something of it cannot be had
  public static BootMaterial of(PartitionDescription partition, Progress progress)
      throws PlatformException, InterruptedException {
    try {
      return switch (partition.engine()) {
        case EMBEDDED -> embedded(partition);
        case QEMU -> linux(partition, progress);
        case AUTO ->
            throw new PlatformException(
                "partition %s: what it boots depends on its engine: say embedded or qemu"
                    .formatted(partition.name()));
      };
    } catch (IOException | ProvisioningException | EngineException e) {
      throw new PlatformException(
          "partition %s: %s".formatted(partition.name(), e.getMessage()), e);
    }
  }

  private static BootMaterial embedded(PartitionDescription partition) throws IOException {
    Optional<ImageDescription> image = partition.boot().image();
    List<BootPart> parts =
        image.isEmpty()
            ? List.of()
            : List.of(
                HeldImage.read(image.get().file(), partition.memoryBytes() - image.get().at())
                    .part());
    return new BootMaterial(partition.name(), parts, Optional.empty(), List.of());
  }

  private static BootMaterial linux(PartitionDescription partition, Progress progress)
      throws IOException, ProvisioningException, EngineException, InterruptedException {
    Path folder = Files.createTempDirectory("portcullis-");
    try {
      LinuxSupply supply =
          LinuxSupply.install(Cache.in(Cache.defaultHome(System.getenv())), progress);
      QemuCommandLine line = new QemuCommandLine();
      List<BootPart> parts = LinuxBoot.of(supply, partition, folder).addTo(line);
      return new BootMaterial(
          partition.name(), parts, Optional.of(line.kernelCommandLine()), List.of());
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folder);
  }
}
