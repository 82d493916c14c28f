package dev.portcullis.linux;

import java.io.IOException;

/// A system call that failed, with what the kernel said.
public final class LinuxException extends IOException {
  private static final long serialVersionUID = 1;

  private final Errno errno;

  LinuxException(String call, int number) {
    this(call, Errno.of(number), number);
  }

  /// A call that failed, or something that ended as if it had.
  public LinuxException(String call, Errno errno) {
    this(call, errno, errno.number());
  }

  private LinuxException(String call, Errno errno, int number) {
    super(call + ": " + (errno == Errno.UNLISTED ? "errno " + number : errno.name()));
    this.errno = errno;
  }

  /// What went wrong.
  public Errno errno() {
    return errno;
  }
}
