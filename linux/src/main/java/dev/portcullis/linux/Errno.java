package dev.portcullis.linux;

/// The error numbers this project meets or answers with.
public enum Errno {
  EPERM(1),
  ENOENT(2),
  EINTR(4),
  EIO(5),
  E2BIG(7),
  EBADF(9),
  EAGAIN(11),
  ENOMEM(12),
  EACCES(13),
  EFAULT(14),
  EBUSY(16),
  EEXIST(17),
  ENODEV(19),
  ENOTDIR(20),
  EINVAL(22),
  ENFILE(23),
  EMFILE(24),
  EFBIG(27),
  ENOSPC(28),
  EROFS(30),
  EPIPE(32),
  ENAMETOOLONG(36),
  ENOSYS(38),
  EPROTO(71),
  EOVERFLOW(75),
  ENOTSOCK(88),
  ENOTSUP(95),
  EADDRINUSE(98),
  ECONNRESET(104),
  ENOTCONN(107),
  ETIMEDOUT(110),
  ECONNREFUSED(111),
  /// Any other; its number is only in the message of the [LinuxException].
  UNLISTED(0);

  private static final Errno[] ALL = values();

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  /// The number in the kernel's tables, 1 to 4095; 0 for [#UNLISTED].
  public int number() {
    return number;
  }

  /// The constant with that number, or [#UNLISTED].
  public static Errno of(int number) {
    for (Errno one : ALL) {
      if (one.number == number) {
        return one;
      }
    }
    return UNLISTED;
  }
}
