package dev.portcullis.vmm.audit;

import java.time.Instant;
import java.util.Optional;

/// Follows records from one to the next.
final class Chain {
  private final Start start;
  private Optional<Head> head = Optional.empty();
  private Optional<Instant> firstTime = Optional.empty();
  private Optional<Instant> lastTime = Optional.empty();
  private long records;

  /// Where a chain may begin.
  enum Start {
    /// At the beginning of the log.
    GENESIS,
    /// There, or at the beginning of any file of it.
    ANY_FILE
  }

  /// Whether a line is its file's first.
  enum Position {
    FIRST,
    LATER
  }

  Chain(Start start) {
    this.start = start;
  }

  /// Goes on to the record in `line`.
  ///
  /// @throws BrokenException if that does not come next
  Head follow(byte[] line, Position position) throws BrokenException {
    AuditLine record = AuditLine.decode(line);
    boolean opens = record.kind() == RecordKind.GENESIS || record.kind() == RecordKind.CONTINUED;
    if (opens != (position == Position.FIRST)) {
      throw new BrokenException(
          opens
              ? "a file begins in the middle of a file"
              : "the file begins with record %d: its first ones are missing"
                  .formatted(record.sequence()));
    }
    if (opens && record.log().isEmpty()) {
      throw new BrokenException("no record: \"log\" is missing");
    }
    Head before = head.isPresent() ? head.get() : begin(record);
    demandNext(before, record);
    head = Optional.of(new Head(before.log(), record.sequence(), record.hash()));
    firstTime = firstTime.or(() -> Optional.of(record.time()));
    lastTime = Optional.of(record.time());
    records++;
    return head.get();
  }

  private Head begin(AuditLine first) throws BrokenException {
    if (first.kind() == RecordKind.GENESIS) {
      return Head.before(first.log());
    }
    if (start == Start.GENESIS) {
      throw new BrokenException(
          "begins with record %d: the files before this one are missing"
              .formatted(first.sequence()));
    }
    return new Head(first.log(), first.sequence() - 1, first.previous());
  }

  private static void demandNext(Head before, AuditLine record) throws BrokenException {
    boolean isGenesis = record.kind() == RecordKind.GENESIS;
    boolean opens = isGenesis || record.kind() == RecordKind.CONTINUED;
    if (opens && !record.log().equals(before.log()) || isGenesis && before.sequence() >= 0) {
      throw new BrokenException("another log begins here");
    }
    if (record.sequence() != before.sequence() + 1 || !record.previous().equals(before.hash())) {
      throw new BrokenException(
          "record %d does not follow record %d: records are missing, or in another order"
              .formatted(record.sequence(), before.sequence()));
    }
  }

  /// The last record so far.
  Optional<Head> head() {
    return head;
  }

  Optional<Instant> firstTime() {
    return firstTime;
  }

  Optional<Instant> lastTime() {
    return lastTime;
  }

  long records() {
    return records;
  }
}
