package dev.portcullis.linux;

import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/// Files as memory: made in memory, measured, sealed. All methods take any [Descriptor].
public final class MemoryFile {
  private static final long MFD_CLOEXEC = 1;
  private static final long MFD_ALLOW_SEALING = 2;
  private static final long F_ADD_SEALS = 1033;
  private static final long F_GET_SEALS = 1034;
  private static final long AT_EMPTY_PATH = 0x1000;
  private static final long STATX_TYPE_AND_SIZE = 0x201;
  private static final long STATX_MODE = 28;
  private static final long STATX_SIZE = 40;
  private static final int STATX_BYTES = 256;
  private static final int S_IFMT = 0xf000;
  private static final int S_IFREG = 0x8000;

  private MemoryFile() {}

  /// A change to a file that a seal forbids for ever.
  public enum Seal {
    /// No further seal.
    SEAL(1),
    /// The file keeps at least its size: a mapping of it cannot fault.
    SHRINK(2),
    GROW(4),
    WRITE(8);

    private final int bit;

    Seal(int bit) {
      this.bit = bit;
    }
  }

  /// A new file in memory, `sizeBytes` long, all zeroes, not inherited by child processes.
  ///
  /// @param name what `/proc` calls it, at most 249 bytes
  public static Descriptor create(String name, long sizeBytes) throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > 249) {
      throw new IllegalArgumentException("name too long: " + name);
    }
    scratch.room().setString(0, name);
    long fd =
        Kernel.call(
            SystemCall.MEMFD_CREATE,
            scratch.with(scratch.address(0), MFD_CLOEXEC | MFD_ALLOW_SEALING, 0, 0));
    Descriptor file = new Descriptor((int) fd);
    try {
      resize(file, sizeBytes);
      return file;
    } catch (LinuxException e) {
      file.close();
      throw e;
    }
  }

  /// Cuts the file, or lengthens it by zeroes.
  public static void resize(Descriptor file, long sizeBytes) throws LinuxException {
    file.call(SystemCall.FTRUNCATE, sizeBytes, 0, 0);
  }

  /// Length of a regular file in bytes.
  ///
  /// @throws LinuxException EINVAL if it is none: a socket, a pipe, a device, an event
  public static long sizeBytes(Descriptor file) throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    scratch.room().set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
    long fd = file.acquire(SystemCall.STATX);
    try {
      Kernel.call(
          SystemCall.STATX,
          scratch
              .with(fd, scratch.address(0), AT_EMPTY_PATH, STATX_TYPE_AND_SIZE)
              .and(scratch.address(STATX_BYTES), 0));
    } finally {
      file.release();
    }
    int mode = scratch.room().get(ValueLayout.JAVA_SHORT, STATX_BYTES + STATX_MODE);
    if ((mode & S_IFMT) != S_IFREG) {
      throw new LinuxException("statx: no regular file", Errno.EINVAL);
    }
    return scratch.longAt(STATX_BYTES + STATX_SIZE);
  }

  /// The seals on a file; none if it is of a kind that has no seals.
  public static Set<Seal> seals(Descriptor file) throws LinuxException {
    EnumSet<Seal> found = EnumSet.noneOf(Seal.class);
    try {
      long bits = file.call(SystemCall.FCNTL, F_GET_SEALS, 0, 0);
      for (Seal one : Seal.values()) {
        if ((bits & one.bit) != 0) {
          found.add(one);
        }
      }
      return found;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EINVAL) {
        return found;
      }
      throw e;
    }
  }

  /// Adds seals to a file made by [#create].
  public static void seal(Descriptor file, Set<Seal> seals) throws LinuxException {
    long bits = 0;
    for (Seal one : seals) {
      bits |= one.bit;
    }
    file.call(SystemCall.FCNTL, F_ADD_SEALS, bits, 0);
  }
}
