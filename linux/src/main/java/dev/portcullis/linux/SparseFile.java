package dev.portcullis.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A file of the host whose space can be given back piece by piece.
///
/// Closing it drops every record lock this process has on the same file, through whatever
/// descriptor it was taken: close it after the last user.
public final class SparseFile implements AutoCloseable {
  private static final long AT_FDCWD = -100;
  private static final long O_RDWR = 2;
  private static final long O_CLOEXEC = 0x80000;
  private static final long KEEP_SIZE = 1;
  private static final long PUNCH_HOLE = 2;

  private final Descriptor file;

  private SparseFile(Descriptor file) {
    this.file = file;
  }

  /// Opens an existing file for reading and writing.
  ///
  /// @throws LinuxException as openat(2) says; ENAMETOOLONG for a path beyond what we pass on
  public static SparseFile open(Path path) throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    byte[] utf8 = path.toString().getBytes(StandardCharsets.UTF_8);
    if (utf8.length >= Scratch.ROOM_BYTES) {
      throw new LinuxException("openat", Errno.ENAMETOOLONG);
    }
    scratch.room().setString(0, path.toString());
    long fd =
        Kernel.call(
            SystemCall.OPENAT, scratch.with(AT_FDCWD, scratch.address(0), O_RDWR | O_CLOEXEC, 0));
    return new SparseFile(new Descriptor((int) fd));
  }

  /// Makes the range a hole that reads as zeroes; the file keeps its length.
  ///
  /// @return `false`, and nothing happens, if the file system knows no holes
  public boolean punchHole(long offset, long lengthBytes) throws LinuxException {
    try {
      file.call(SystemCall.FALLOCATE, PUNCH_HOLE | KEEP_SIZE, offset, lengthBytes);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOTSUP) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
