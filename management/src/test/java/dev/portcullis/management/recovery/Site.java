package dev.portcullis.management.recovery;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.management.boot.RebuildMarker;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.boot.VerifiedBootDescription;
import dev.portcullis.management.boot.VerifiedBootDescription.Others;
import dev.portcullis.management.boot.VerifiedBootDescription.VerifiedPartition;
import dev.portcullis.management.boot.manifest.Manifest;
import dev.portcullis.management.boot.manifest.ManifestDisk;
import dev.portcullis.management.boot.manifest.ManifestFile;
import dev.portcullis.management.boot.manifest.SignatureFile;
import dev.portcullis.management.boot.manifest.SigningKey;
import dev.portcullis.management.boot.verity.BlockSource;
import dev.portcullis.management.boot.verity.HashTree;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.platform.boot.BootDecision;
import dev.portcullis.vmm.platform.boot.BootDisk;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// A folder with a safe image of partition `user`'s disk, a signed manifest, and management's
/// state; the partition has a disk of data, too.
record Site(Path folder) {
  static final int DATA_BYTES = 64 << 10;

  /// Fills the folder.
  static Site make(Path folder, int blocks) throws Exception {
    byte[] image = new byte[blocks * 4096];
    new Random(4).nextBytes(image);
    Files.write(folder.resolve("safe.img"), image);
    SigningKey.generate(folder.resolve("key"), folder.resolve("key.pub"));
    Site site = new Site(folder);
    Manifest manifest;
    try (FileChannel file = FileChannel.open(folder.resolve("safe.img"))) {
      HashTree tree = HashTree.over(BlockSource.of(file), blocks, new byte[] {1, 2});
      manifest =
          new Manifest(
              "user",
              1,
              Map.of(),
              Optional.empty(),
              List.of(
                  new ManifestDisk("disk", Optional.of(tree.verity())),
                  new ManifestDisk("data", Optional.empty())));
    }
    byte[] bytes = ManifestFile.toJson(manifest).getBytes(StandardCharsets.UTF_8);
    Files.write(site.manifest(), bytes);
    Files.write(
        SignatureFile.of(site.manifest()), SigningKey.read(folder.resolve("key")).sign(bytes));
    return site;
  }

  Path manifest() {
    return folder.resolve("user.manifest");
  }

  Path image() {
    return folder.resolve("safe.img");
  }

  /// What the disk of data begins with when it is replaced, if there is such a file.
  Path fresh() {
    return folder.resolve("fresh.img");
  }

  private Map<String, Path> images() {
    return Files.exists(fresh())
        ? Map.of("disk", image(), "data", fresh())
        : Map.of("disk", image());
  }

  StateStore state() throws StateException {
    return StateStore.open(folder.resolve("state"));
  }

  VerifiedBootDescription description() {
    return new VerifiedBootDescription(
        folder.resolve("key.pub"),
        Others.START,
        List.of(new VerifiedPartition("user", manifest(), SignatureFile.of(manifest()), images())));
  }

  VerifiedBoot boot() throws StateException {
    return new VerifiedBoot(
        Optional.of(description()), state(), folder.resolve("logs"), InstantSource.system());
  }

  static List<BootDisk> disks(BlockBackend disk, BlockBackend data) {
    return List.of(
        new BootDisk("disk", new RequesterId(0, 4, 0), disk),
        new BootDisk("data", new RequesterId(0, 5, 0), data));
  }

  /// What the gate says, as after a start of the program.
  BootDecision decide(BlockBackend disk, BlockBackend data) throws Exception {
    return boot().decide(new BootMaterial("user", List.of(), Optional.empty(), disks(disk, data)));
  }

  Rebuild rebuild(RebuildTarget target, DataDisk data, RebuildProgress progress)
      throws StateException {
    return new Rebuild(target, data, new RebuildMarker(state()), progress, () -> false);
  }
}
