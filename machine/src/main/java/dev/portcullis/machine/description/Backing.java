package dev.portcullis.machine.description;

import java.nio.file.Path;
import java.util.Optional;

/// The file behind a disk.
///
/// @param file its path; if absent, whoever starts the machine provides one
/// @param sizeBytes size a new file gets: a multiple of 4 KiB
/// @param creation what to do when the file is not there
/// @param access what the guest may do
public record Backing(Optional<Path> file, long sizeBytes, Creation creation, Access access) {

  /// Size of a disk nobody said anything about.
  public static final long DEFAULT_BYTES = 256L << 20;

  /// What to do when the file is not there.
  public enum Creation {
    /// Make one: sparse, all zeroes.
    IF_MISSING,
    /// Refuse to start.
    NEVER
  }

  /// What the guest may do.
  public enum Access {
    READ_WRITE,
    READ_ONLY
  }

  public Backing {
    if (sizeBytes < 1 << 20 || sizeBytes % 4096 != 0) {
      throw new IllegalArgumentException(
          ByteSize.toText(sizeBytes) + " is no size for a disk: at least 1 MiB, in steps of 4 KiB");
    }
  }

  /// The same with this file.
  public Backing in(Path path) {
    return new Backing(Optional.of(path), sizeBytes, creation, access);
  }
}
