package dev.portcullis.management.recovery;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.devices.block.BlockBackend.Deallocated;
import dev.portcullis.management.boot.RebuildMarker;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.boot.manifest.Manifest;
import dev.portcullis.management.boot.manifest.ManifestDisk;
import dev.portcullis.management.boot.manifest.ManifestException;
import dev.portcullis.management.boot.verity.Verity;
import dev.portcullis.management.state.StateException;
import dev.portcullis.vmm.platform.boot.BootDisk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// One partition being rebuilt.
///
/// ```
///   safe images are what the manifest says ─▶ marker ─▶ partition ends ─▶ blocks ─▶ flush
///        │ no: nothing has happened                                                   │
///        ▼                                       started, if verified ◀─ no marker ◀──┘
/// ```
final class Rebuild implements AutoCloseable {
  private static final long STEP_BYTES = 1 << 20;

  private final RebuildTarget target;
  private final DataDisk data;
  private final RebuildMarker marker;
  private final RebuildProgress progress;
  private final BooleanSupplier ends;
  private final List<SafeImage> images = new ArrayList<>();
  private final List<BootDisk> dataDisks = new ArrayList<>();
  private final List<FreshData> fresh = new ArrayList<>();
  private final Set<BlockBackend> touched = new LinkedHashSet<>();
  private long allBytes;
  private long doneBytes;

  /// @param ends whether it shall stop as soon as it can
  Rebuild(
      RebuildTarget target,
      DataDisk data,
      RebuildMarker marker,
      RebuildProgress progress,
      BooleanSupplier ends) {
    this.target = target;
    this.data = data;
    this.marker = marker;
    this.progress = progress;
    this.ends = ends;
  }

  /// Looks whether it can be done; nothing changes.
  void prepare(VerifiedBoot boot) throws RecoveryException {
    Manifest manifest;
    try {
      manifest = boot.manifest(target.name());
    } catch (ManifestException e) {
      throw new RecoveryException(e.getMessage(), e);
    }
    progress.report("safe images are checked", 0);
    for (ManifestDisk wanted : manifest.disks()) {
      BootDisk disk = disk(wanted.device());
      if (wanted.verity().isPresent()) {
        images.add(image(disk, wanted.verity().get(), boot));
      } else {
        addData(disk, Optional.ofNullable(boot.images(target.name()).get(disk.name())));
      }
    }
    if (images.isEmpty()) {
      throw new RecoveryException("no disk of partition " + target.name() + " has a safe image");
    }
    allBytes = images.stream().mapToLong(SafeImage::bytes).sum();
    if (data == DataDisk.REPLACE) {
      dataDisks.forEach(disk -> allBytes += disk.blocks().sizeBytes());
      images.forEach(image -> allBytes += image.disk().blocks().sizeBytes() - image.bytes());
    }
  }

  private void addData(BootDisk disk, Optional<Path> image) throws RecoveryException {
    dataDisks.add(disk);
    if (image.isPresent() && data == DataDisk.REPLACE) {
      fresh.add(FreshData.open(disk, image.get()));
    }
  }

  private BootDisk disk(String name) throws RecoveryException {
    return target.disks().stream()
        .filter(disk -> disk.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new RecoveryException(
                "partition %s does not have the disk %s now".formatted(target.name(), name)));
  }

  private static SafeImage image(BootDisk disk, Verity wanted, Path file) throws RecoveryException {
    if (disk.blocks().isReadOnly()) {
      throw new RecoveryException("disk " + disk.name() + " is read-only");
    }
    if (disk.blocks().sizeBytes() < wanted.blocks() * Verity.BLOCK_BYTES) {
      throw new RecoveryException(
          "disk %s has less than %,d blocks".formatted(disk.name(), wanted.blocks()));
    }
    return SafeImage.open(disk, file, wanted);
  }

  private SafeImage image(BootDisk disk, Verity wanted, VerifiedBoot boot)
      throws RecoveryException {
    Path file = boot.images(target.name()).get(disk.name());
    if (file == null) {
      throw new RecoveryException("the management file names no image of disk " + disk.name());
    }
    return image(disk, wanted, file);
  }

  /// Ends the partition, and writes its disks.
  void write() throws RecoveryException {
    try {
      marker.set(target.name(), data.word());
      target.kill();
      for (SafeImage image : images) {
        write(image);
      }
      if (data == DataDisk.REPLACE) {
        replaceData();
      }
      for (BlockBackend disk : touched) {
        disk.flush();
      }
      target.scrub();
      marker.clear(target.name());
    } catch (IOException e) {
      throw new RecoveryException("a disk failed: " + e.getMessage(), e);
    } catch (StateException e) {
      throw new RecoveryException(e.getMessage(), e);
    }
  }

  /// Starts it with what was written.
  void start() throws RecoveryException, InterruptedException {
    progress.report("it is verified and started", 1);
    target.start();
  }

  private void write(SafeImage image) throws IOException, RecoveryException {
    touched.add(image.disk().blocks());
    long at = 0;
    while (at < image.bytes()) {
      demandGoOn(image.disk());
      long next = image.write(at);
      done("disk %s is written".formatted(image.disk().name()), next - at);
      at = next;
    }
  }

  private void replaceData() throws IOException, RecoveryException {
    for (SafeImage image : images) {
      zero(image.disk(), image.bytes());
    }
    for (BootDisk disk : dataDisks) {
      zero(disk, writeFresh(disk));
    }
  }

  /// @return how much of the disk there is data for
  private long writeFresh(BootDisk disk) throws IOException, RecoveryException {
    Optional<FreshData> image = fresh.stream().filter(one -> one.disk() == disk).findFirst();
    if (image.isEmpty()) {
      return 0;
    }
    touched.add(disk.blocks());
    long at = 0;
    while (at < image.get().bytes()) {
      demandGoOn(disk);
      long next = image.get().write(at);
      done("data of disk %s is replaced".formatted(disk.name()), next - at);
      at = next;
    }
    return at;
  }

  private void zero(BootDisk disk, long from) throws IOException, RecoveryException {
    BlockBackend blocks = disk.blocks();
    touched.add(blocks);
    long at = from;
    while (at < blocks.sizeBytes()) {
      demandGoOn(disk);
      long length = Math.min(STEP_BYTES, blocks.sizeBytes() - at);
      if (blocks.deallocatedBytes() == Deallocated.ZEROES) {
        blocks.deallocate(at, length);
      } else {
        blocks.writeZeroes(at, length);
      }
      done("data of disk %s is replaced".formatted(disk.name()), length);
      at += length;
    }
  }

  private void done(String step, long bytes) {
    doneBytes += bytes;
    progress.report(step, (double) doneBytes / Math.max(1, allBytes));
  }

  /// It may have been given to another partition meanwhile.
  private void demandGoOn(BootDisk disk) throws RecoveryException {
    if (target.disks().stream().noneMatch(one -> one.at().equals(disk.at()))) {
      throw new RecoveryException(
          "disk %s is not partition %s's any more".formatted(disk.name(), target.name()));
    }
    if (ends.getAsBoolean()) {
      throw new RecoveryException("the platform ends: it starts over with the next one");
    }
  }

  @Override
  public void close() throws RecoveryException {
    Optional<IOException> trouble = Optional.empty();
    List<Closeable> open = new ArrayList<>(images);
    open.addAll(fresh);
    for (Closeable image : open) {
      try {
        image.close();
      } catch (IOException e) {
        trouble = Optional.of(e);
      }
    }
    if (trouble.isPresent()) {
      throw new RecoveryException(trouble.get().getMessage(), trouble.get());
    }
  }
}
