package dev.portcullis.vmm.audit;

import java.nio.file.Path;
import java.time.Instant;

/// What became of looking through a log.
public sealed interface Verification {

  /// Every record is where it was written, as it was written.
  ///
  /// @param records how many
  /// @param files of the log
  /// @param first when the first was written
  /// @param last when the last was
  /// @param head the last
  record Verified(long records, int files, Instant first, Instant last, Head head)
      implements Verification {}

  /// Something is not as it was.
  ///
  /// @param line the first place, from 1 on
  record Broken(Path file, long line, String what) implements Verification {
    @Override
    public String toString() {
      return "%s:%d: %s".formatted(file, line, what);
    }
  }
}
