package dev.portcullis.vmm.audit;

import dev.portcullis.vmm.audit.Chain.Position;
import dev.portcullis.vmm.audit.Verification.Broken;
import dev.portcullis.vmm.audit.Verification.Verified;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Looks through all files of a log, a line at a time.
final class Verifier {
  private final Chain chain = new Chain(Chain.Start.GENESIS);
  private final Optional<Head> checkpoint;
  private Path file;
  private long line;

  private Verifier(Optional<Head> checkpoint) {
    this.checkpoint = checkpoint;
  }

  static Verification verify(Path last, Optional<Path> checkpoint) throws IOException {
    Optional<Head> known =
        checkpoint.isPresent() ? Optional.of(Checkpoint.read(checkpoint.get())) : Optional.empty();
    return new Verifier(known).verify(last);
  }

  private Verification verify(Path last) throws IOException {
    List<Path> files = LogFiles.upTo(last);
    try {
      for (Path one : files) {
        file = one;
        line = 1;
        follow();
      }
      Head head = chain.head().orElseThrow(() -> new BrokenException("the log is empty"));
      demandCheckpoint(head);
      return new Verified(
          chain.records(),
          files.size(),
          chain.firstTime().orElseThrow(),
          chain.lastTime().orElseThrow(),
          head);
    } catch (BrokenException e) {
      return new Broken(file, line, e.getMessage());
    }
  }

  private void follow() throws IOException, BrokenException {
    try (LineReader reader = new LineReader(file)) {
      Position position = Position.FIRST;
      for (byte[] next = reader.next(); next != null; next = reader.next()) {
        line = reader.lines();
        compare(chain.follow(next, position));
        position = Position.LATER;
        line++;
      }
      if (reader.torn().length > 0) {
        throw new BrokenException(
            "the line has no end: %d bytes of a record".formatted(reader.torn().length));
      }
      if (position == Position.FIRST) {
        throw new BrokenException("the file is empty");
      }
      line = reader.lines();
    }
  }

  private void compare(Head head) throws BrokenException {
    if (checkpoint.isEmpty()) {
      return;
    }
    Head known = checkpoint.get();
    if (!known.log().equals(head.log())) {
      throw new BrokenException(
          "this is log %s, the checkpoint is of log %s".formatted(head.log(), known.log()));
    }
    if (known.sequence() == head.sequence() && !known.hash().equals(head.hash())) {
      throw new BrokenException(
          "record %d is not the one that the checkpoint knows".formatted(head.sequence()));
    }
  }

  private void demandCheckpoint(Head head) throws BrokenException {
    if (checkpoint.isPresent() && checkpoint.get().sequence() > head.sequence()) {
      throw new BrokenException(
          "the log ends with record %d, the checkpoint knows record %d: its end was cut off"
              .formatted(head.sequence(), checkpoint.get().sequence()));
    }
  }
}
