package dev.portcullis.machine;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.devices.block.FileBackend;
import dev.portcullis.linux.SparseFile;
import dev.portcullis.machine.description.Backing;
import dev.portcullis.machine.description.Backing.Access;
import dev.portcullis.machine.description.Backing.Creation;
import dev.portcullis.pci.RequesterId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Opens the files behind disks.
final class Disks {
  private static final int BLOCK_BYTES = 512;

  private final Path folder;

  /// @param folder for disks whose file nobody named
  Disks(Path folder) {
    this.folder = folder;
  }

  BlockBackend open(RequesterId at, Backing backing) throws PlatformException {
    Path file =
        backing.file().orElse(folder.resolve("disk-" + at.toString().replace(':', '-') + ".img"));
    try {
      if (backing.creation() == Creation.IF_MISSING && !Files.exists(file)) {
        FileBackend.create(file, backing.sizeBytes());
      }
      return backing.access() == Access.READ_ONLY
          ? FileBackend.openReadOnly(file, BLOCK_BYTES)
          : openWithHoles(file);
    } catch (IOException e) {
      throw new PlatformException("disk of " + at + ": " + reason(file, e), e);
    }
  }

  private static BlockBackend openWithHoles(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return FileBackend.open(file, BLOCK_BYTES); // which says that it is none
    }
    SparseFile holes = SparseFile.open(file);
    try {
      return FileBackend.open(file, BLOCK_BYTES, new Holes(holes));
    } catch (IOException refused) {
      holes.close();
      throw refused;
    }
  }

  /// Discarded blocks become holes of the file.
  private record Holes(SparseFile file) implements FileBackend.HolePuncher {
    @Override
    public boolean punch(long offset, long lengthBytes) throws IOException {
      return file.punchHole(offset, lengthBytes);
    }

    @Override
    public void close() {
      file.close();
    }
  }

  private static String reason(Path file, IOException e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.contains(file.toString()) ? message : file + ": " + message;
  }
}
