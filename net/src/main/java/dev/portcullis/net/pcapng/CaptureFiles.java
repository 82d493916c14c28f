package dev.portcullis.net.pcapng;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// A capture that never takes more than a given room: when a file is full the next one is begun,
/// and when there are too many the oldest goes.
///
/// For `uplink`, files are called `uplink-00001.pcapng` and so on; each can be read alone. For any
/// thread.
public final class CaptureFiles implements Closeable {
  /// How much room a capture may take.
  ///
  /// @param fileBytes what a file may hold, beyond its first frame
  /// @param files how many there may be: 1 or more
  public record Room(long fileBytes, int files) {
    /// Sixteen files of 16 MiB.
    public static final Room USUAL = new Room(16 << 20, 16);

    public Room {
      if (fileBytes < 1 || files < 1) {
        throw new IllegalArgumentException("%d files of %d bytes".formatted(files, fileBytes));
      }
    }
  }

  private final Path folder;
  private final String name;
  private final Room room;
  private final List<String> interfaces;
  private final Deque<Path> kept = new ArrayDeque<>();
  private PcapngWriter current;
  private long emptyBytes;
  private int begun;

  /// Begins the first file.
  ///
  /// @param folder where the files go; made if it is not there
  /// @param name what their names begin with
  /// @param interfaces names, in the order of their numbers
  public CaptureFiles(Path folder, String name, Room room, List<String> interfaces)
      throws IOException {
    this.folder = Files.createDirectories(folder);
    this.name = name;
    this.room = room;
    this.interfaces = List.copyOf(interfaces);
    begin();
  }

  private void begin() throws IOException {
    Path file = folder.resolve("%s-%05d.pcapng".formatted(name, ++begun));
    current = new PcapngWriter(Files.newOutputStream(file), interfaces);
    emptyBytes = current.writtenBytes();
    kept.add(file);
    while (kept.size() > room.files()) {
      Files.deleteIfExists(kept.remove());
    }
  }

  /// Writes a frame, into a new file if the current one is full.
  ///
  /// @throws IOException if that failed, or the capture was closed
  public synchronized void write(CapturedFrame captured) throws IOException {
    if (current == null) {
      throw new IOException("the capture is closed");
    }
    boolean hasFrames = current.writtenBytes() > emptyBytes;
    long after = current.writtenBytes() + PcapngWriter.blockBytes(captured);
    if (hasFrames && after > room.fileBytes()) {
      current.close();
      current = null;
      begin();
    }
    current.write(captured);
  }

  /// The files there are, the oldest first.
  public synchronized List<Path> files() {
    return List.copyOf(kept);
  }

  @Override
  public synchronized void close() throws IOException {
    if (current != null) {
      PcapngWriter last = current;
      current = null;
      last.close();
    }
  }
}
