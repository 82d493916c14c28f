package dev.portcullis.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// `struct sockaddr_un`: family in the first two bytes, then the path and a NUL.
final class UnixAddress {
  static final short AF_UNIX = 1;

  private static final int PATH_AT = 2;
  private static final int LONGEST_PATH_BYTES = 107;

  private UnixAddress() {}

  /// Writes the address of `path` into the thread's room.
  ///
  /// @return its length in bytes
  /// @throws LinuxException ENAMETOOLONG beyond 107 bytes, a limit of the kernel
  static long write(Path path, Scratch into) throws LinuxException {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length > LONGEST_PATH_BYTES) {
      throw new LinuxException("bind " + path, Errno.ENAMETOOLONG);
    }
    into.room().set(ValueLayout.JAVA_SHORT, 0, AF_UNIX);
    MemorySegment.copy(name, 0, into.room(), ValueLayout.JAVA_BYTE, PATH_AT, name.length);
    into.room().set(ValueLayout.JAVA_BYTE, PATH_AT + name.length, (byte) 0);
    return PATH_AT + name.length + 1;
  }
}
