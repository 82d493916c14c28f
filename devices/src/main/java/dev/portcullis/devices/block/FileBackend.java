package dev.portcullis.devices.block;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A disk in a file of the host, all of it, and locked so that no second machine uses it.
///
/// Threads that use it must not be interrupted: that closes the file.
public final class FileBackend implements BlockBackend {
  private static final int ZEROES_BYTES = 1 << 18;

  private final FileChannel file;
  private final long sizeBytes;
  private final HolePuncher puncher;
  private final boolean readOnly;
  private final ByteBuffer zeroes = ByteBuffer.allocateDirect(ZEROES_BYTES).asReadOnlyBuffer();

  /// Gives space of the file back to its file system; Java has no call for it.
  @FunctionalInterface
  public interface HolePuncher extends Closeable {
    /// Makes the range a hole, which reads as zeroes.
    ///
    /// @return `false`, and nothing happens, if the file system knows no holes
    boolean punch(long offset, long lengthBytes) throws IOException;

    /// The disk is closed, and its lock given back.
    @Override
    default void close() throws IOException {}
  }

  private FileBackend(FileChannel file, long sizeBytes, HolePuncher puncher, boolean readOnly) {
    this.file = file;
    this.sizeBytes = sizeBytes;
    this.puncher = puncher;
    this.readOnly = readOnly;
  }

  /// Opens the disk in `path`; deallocated blocks keep what they hold.
  ///
  /// @param blockBytes the file's length must be a multiple of it, and not 0
  /// @throws FileSystemException if there is no such file, its length does not fit, or another
  ///   machine uses it; the message says which
  public static FileBackend open(Path path, int blockBytes) throws IOException {
    return open(path, blockBytes, null);
  }

  /// Opens the disk in `path`; deallocated blocks become holes made by `puncher`, which is closed
  /// with the disk.
  ///
  /// @throws FileSystemException as [#open(Path, int)]
  public static FileBackend open(Path path, int blockBytes, HolePuncher puncher)
      throws IOException {
    return open(path, blockBytes, puncher, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /// Opens the disk in `path` for reading; others may read it at the same time.
  ///
  /// @throws FileSystemException as [#open(Path, int)]
  public static FileBackend openReadOnly(Path path, int blockBytes) throws IOException {
    return open(path, blockBytes, null, StandardOpenOption.READ);
  }

  private static FileBackend open(
      Path path, int blockBytes, HolePuncher puncher, OpenOption... access) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new FileSystemException(path.toString(), null, "there is no such disk file");
    }
    boolean readOnly = access.length == 1;
    FileChannel file = FileChannel.open(path, access);
    try {
      lock(file, path, readOnly);
      long sizeBytes = file.size();
      if (sizeBytes == 0 || sizeBytes % blockBytes != 0) {
        String reason =
            sizeBytes + " bytes are not a whole number of " + blockBytes + "-byte blocks";
        throw new FileSystemException(path.toString(), null, reason);
      }
      return new FileBackend(file, sizeBytes, puncher, readOnly);
    } catch (IOException refused) {
      file.close();
      throw refused;
    }
  }

  /// Makes `path` a disk of `sizeBytes` bytes that takes no space yet, unless it is there already.
  public static void create(Path path, long sizeBytes) throws IOException {
    if (!Files.exists(path)) {
      try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
        file.setLength(sizeBytes);
      }
    }
  }

  private static void lock(FileChannel file, Path path, boolean shared) throws IOException {
    FileLock lock;
    try {
      lock = file.tryLock(0, Long.MAX_VALUE, shared);
    } catch (OverlappingFileLockException byThisProcess) {
      lock = null;
    }
    if (lock == null) {
      throw new FileSystemException(path.toString(), null, "another machine uses this disk");
    }
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  @Override
  public void read(long offset, ByteBuffer to) throws IOException {
    long at = offset;
    while (to.hasRemaining()) {
      int count = file.read(to, at);
      if (count < 0) {
        throw new EOFException("the disk file was cut at " + at);
      }
      at += count;
    }
  }

  @Override
  public void write(long offset, ByteBuffer from) throws IOException {
    long at = offset;
    while (from.hasRemaining()) {
      at += file.write(from, at);
    }
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes) throws IOException {
    for (long done = 0; done < lengthBytes; done += ZEROES_BYTES) {
      int step = (int) Math.min(ZEROES_BYTES, lengthBytes - done);
      write(offset + done, zeroes.slice(0, step));
    }
  }

  @Override
  public void deallocate(long offset, long lengthBytes) throws IOException {
    if (puncher != null && !puncher.punch(offset, lengthBytes)) {
      writeZeroes(offset, lengthBytes);
    }
  }

  @Override
  public Deallocated deallocatedBytes() {
    return puncher == null ? Deallocated.KEPT : Deallocated.ZEROES;
  }

  @Override
  public void flush() throws IOException {
    file.force(false);
  }

  @Override
  public void close() throws IOException {
    file.close();
    if (puncher != null) {
      puncher.close();
    }
  }
}
