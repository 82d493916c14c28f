package dev.portcullis.management.boot;

import dev.portcullis.management.boot.manifest.Manifest;
import dev.portcullis.management.boot.manifest.ManifestDisk;
import dev.portcullis.management.boot.verity.BlockSource;
import dev.portcullis.management.boot.verity.HashTree;
import dev.portcullis.management.boot.verity.Verity;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import dev.portcullis.vmm.platform.boot.BootPart;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes manifests of what is there: whoever signs them says that it is good.
public final class ManifestMaker {
  private ManifestMaker() {}

  /// The manifest of a partition.
  ///
  /// @param material its files and its command line
  /// @param disks what it calls its disks
  /// @param images the safe images of some of them; the others are disks of data
  /// @throws IOException if an image cannot be read, or is not a whole number of blocks
  public static Manifest make(
      BootMaterial material, List<String> disks, Map<String, Path> images, byte[] salt, int version)
      throws IOException {
    Map<BootPart.Kind, String> parts = new EnumMap<>(BootPart.Kind.class);
    material.parts().forEach(part -> parts.put(part.kind(), part.sha256()));
    List<ManifestDisk> entries = new ArrayList<>();
    for (String disk : disks) {
      Path image = images.get(disk);
      Optional<Verity> verity =
          image == null ? Optional.empty() : Optional.of(tree(image, salt).verity());
      entries.add(new ManifestDisk(disk, verity));
    }
    return new Manifest(material.partition(), version, parts, material.commandLine(), entries);
  }

  /// The hash tree over all of an image.
  ///
  /// @throws IOException if it cannot be read, or is not a whole number of blocks
  public static HashTree tree(Path image, byte[] salt) throws IOException {
    try (FileChannel file = FileChannel.open(image, StandardOpenOption.READ)) {
      long bytes = file.size();
      if (bytes == 0
          || bytes % Verity.BLOCK_BYTES != 0
          || bytes / Verity.BLOCK_BYTES > Verity.MOST_BLOCKS) {
        throw new IOException(
            "%s: %,d bytes: 1 to %,d blocks of 4 KiB are needed"
                .formatted(image, bytes, Verity.MOST_BLOCKS));
      }
      return HashTree.over(BlockSource.of(file), bytes / Verity.BLOCK_BYTES, salt);
    } catch (NoSuchFileException e) {
      throw new IOException(image + ": there is no such file", e);
    }
  }
}
