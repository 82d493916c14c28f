package dev.portcullis.vmm.audit;

import dev.portcullis.vmm.event.CloudEvents;
import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventSink;
import dev.portcullis.vmm.event.LineFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Keeps events so that a later change shows: each record carries the hash of the one before it.
///
/// ```
///   genesis ◀── event ◀── event ◀── continued ◀── event ◀── …      ◀── checkpoint
///   └───── NAME.000001 ─────────┘ └── NAME ─────────────────┘
/// ```
///
/// Whoever can write the log can write all of it anew. Against that helps a checkpoint, or a copy
/// of it, where they cannot write.
public final class AuditLog implements EventSink {
  private static final FileAttribute<?> OWNERS_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final int FORMAT = 1;

  private final Path path;
  private final AuditOptions options;
  private final InstantSource clock;
  private final FileChannel lock;
  private LineFile file;
  private Head head;
  private String lastEvent = "";
  private boolean unsynced;

  private AuditLog(Path path, AuditOptions options, InstantSource clock) throws IOException {
    this.path = path;
    this.options = options;
    this.clock = clock;
    this.lock = lock(path);
    try {
      resume();
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /// Goes on with the log at `path`, or begins one there. What a writer that died left of a last
  /// line is cut off, and a record says so.
  ///
  /// @throws IOException if that cannot be done, somebody else is writing it, or it is not as it
  ///   was written: it is left alone then, for those who want to know what happened
  public static AuditLog open(Path path, AuditOptions options, InstantSource clock)
      throws IOException {
    return new AuditLog(path, options, clock);
  }

  /// Looks through the log whose newest file is `path`, with all its files.
  ///
  /// @param checkpoint file that knows a record of it
  /// @throws IOException if something cannot be read
  public static Verification verify(Path path, Optional<Path> checkpoint) throws IOException {
    return Verifier.verify(path, checkpoint);
  }

  private static FileChannel lock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path.resolveSibling(path.getFileName() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      throw new IOException("somebody else is writing the log " + path, e);
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    if (!locked) {
      throw new IOException("somebody else is writing the log " + path);
    }
    return channel;
  }

  private void resume() throws IOException {
    List<Path> full = LogFiles.full(path);
    Tail current = Files.exists(path) ? Tail.of(path) : Tail.EMPTY;
    Optional<Head> last = current.head();
    if (last.isEmpty() && !full.isEmpty()) {
      last = Tail.of(full.getLast()).head();
    }
    head = last.orElseGet(() -> Head.before(UUID.randomUUID().toString()));
    demandCheckpoint();
    openFile(current.wholeBytes());
    if (current.torn().length > 0) {
      append(
          RecordKind.RECOVERED,
          Map.of("bytes", current.torn().length, "sha256", AuditLine.sha256(current.torn())));
    }
    flush();
  }

  private void demandCheckpoint() throws IOException {
    if (options.checkpoint().isEmpty() || !Files.exists(options.checkpoint().get())) {
      return;
    }
    Head known = Checkpoint.read(options.checkpoint().get());
    boolean fits = known.log().equals(head.log()) && known.sequence() <= head.sequence();
    if (!fits || known.sequence() == head.sequence() && !known.hash().equals(head.hash())) {
      throw new IOException(
          "the log %s is not the one that the checkpoint %s knows, or its end was cut off"
              .formatted(path, options.checkpoint().get()));
    }
  }

  /// Has the newest file open, with its first record. What comes after its whole lines goes when
  /// the next record is there, so that nothing is cut off without a record of it.
  private void openFile(long wholeBytes) throws IOException {
    try {
      Files.createFile(path, OWNERS_ALONE);
    } catch (FileAlreadyExistsException e) {
      // It goes on there.
      unsynced = true;
    }
    file = LineFile.open(path, wholeBytes);
    begin();
  }

  private void begin() throws IOException {
    if (file.bytes() > 0) {
      return;
    }
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("log", head.log());
    content.put("format", FORMAT);
    append(head.sequence() < 0 ? RecordKind.GENESIS : RecordKind.CONTINUED, content);
  }

  private void append(RecordKind kind, Map<String, Object> content) throws IOException {
    AuditLine.Encoded line = AuditLine.encode(head, clock.instant(), kind, content);
    file.append(line.bytes());
    head = line.head();
    unsynced = true;
  }

  @Override
  public String name() {
    return "audit log " + path;
  }

  @Override
  public synchronized void accept(Event event) throws IOException {
    // An event that comes again has been written, but not made to last.
    if (!event.id().equals(lastEvent)) {
      rotateIfFull();
      append(RecordKind.EVENT, Map.of("event", CloudEvents.fields(event)));
      lastEvent = event.id();
    }
    if (options.durability() == Durability.EACH_RECORD) {
      flush();
    }
  }

  private void rotateIfFull() throws IOException {
    if (file != null && file.bytes() >= options.fullBytes()) {
      file.sync();
      Files.move(path, LogFiles.nextFull(path), StandardCopyOption.ATOMIC_MOVE);
      file.close();
      file = null;
    }
    if (file == null) {
      openFile(0);
    }
    begin();
  }

  /// Has the disk keep what was logged, if it is to, and the checkpoint know it.
  @Override
  public synchronized void flush() throws IOException {
    if (!unsynced || file == null) {
      return;
    }
    // A checkpoint must not know more than the disk does.
    if (options.durability() != Durability.SYSTEM || options.checkpoint().isPresent()) {
      file.sync();
    }
    if (options.checkpoint().isPresent()) {
      Checkpoint.write(options.checkpoint().get(), head);
    }
    unsynced = false;
  }

  /// The newest record.
  public synchronized Head head() {
    return head;
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      if (file != null) {
        file.close();
      }
    }
  }
}
