package dev.portcullis.vmm.audit;

import dev.portcullis.vmm.audit.Chain.Position;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Where a file of the log ends.
///
/// @param head its last record, if it has any
/// @param wholeBytes how long its whole lines are
/// @param torn what comes after them
record Tail(Optional<Head> head, long wholeBytes, byte[] torn) {
  static final Tail EMPTY = new Tail(Optional.empty(), 0, new byte[0]);

  /// Looks through `file`.
  ///
  /// @throws IOException if it cannot be read, or is not as it was written
  static Tail of(Path file) throws IOException {
    Chain chain = new Chain(Chain.Start.ANY_FILE);
    try (LineReader reader = new LineReader(file)) {
      Position position = Position.FIRST;
      try {
        for (byte[] line = reader.next(); line != null; line = reader.next()) {
          chain.follow(line, position);
          position = Position.LATER;
        }
      } catch (BrokenException e) {
        throw new IOException("%s:%d: %s".formatted(file, reader.lines(), e.getMessage()), e);
      }
      return new Tail(chain.head(), reader.wholeBytes(), reader.torn());
    }
  }
}
