package dev.portcullis.vmm.audit;

import java.nio.file.Path;
import java.util.Optional;

/// How a log is kept.
///
/// @param fullBytes a file that is as long gets no more records: the log goes on in another; 4,096
///   or more
/// @param checkpoint file that knows the newest record, see [AuditLog#verify]
public record AuditOptions(Durability durability, long fullBytes, Optional<Path> checkpoint) {
  public static final AuditOptions DEFAULT =
      new AuditOptions(Durability.EACH_BATCH, 64 << 20, Optional.empty());

  public AuditOptions {
    if (fullBytes < 4096) {
      throw new IllegalArgumentException("files of " + fullBytes + " bytes");
    }
  }

  /// The same with a checkpoint at `file`.
  public AuditOptions checkpointAt(Path file) {
    return new AuditOptions(durability, fullBytes, Optional.of(file));
  }
}
