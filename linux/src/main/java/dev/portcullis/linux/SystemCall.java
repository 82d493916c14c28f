package dev.portcullis.linux;

import java.util.Locale;

/// The system calls in use, with their numbers on the two architectures we run on.
enum SystemCall {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  MMAP(9, 222),
  MUNMAP(11, 215),
  IOCTL(16, 29),
  SOCKET(41, 198),
  CONNECT(42, 203),
  SENDMSG(46, 211),
  RECVMSG(47, 212),
  SHUTDOWN(48, 210),
  BIND(49, 200),
  LISTEN(50, 201),
  SOCKETPAIR(53, 199),
  SETSOCKOPT(54, 208),
  FCNTL(72, 25),
  FTRUNCATE(77, 46),
  OPENAT(257, 56),
  PPOLL(271, 73),
  FALLOCATE(285, 47),
  ACCEPT4(288, 242),
  EVENTFD2(290, 19),
  MEMFD_CREATE(319, 279),
  STATX(332, 291);

  private static final String ARCHITECTURE = System.getProperty("os.arch");

  private final int amd64;
  private final int arm64;

  SystemCall(int amd64, int arm64) {
    this.amd64 = amd64;
    this.arm64 = arm64;
  }

  /// The number on this machine.
  ///
  /// @throws UnsupportedOperationException on an architecture nobody has looked at
  int number() {
    return switch (ARCHITECTURE) {
      case "amd64", "x86_64" -> amd64;
      case "aarch64" -> arm64;
      default -> throw new UnsupportedOperationException("no system calls for " + ARCHITECTURE);
    };
  }

  /// Its name as the manual has it.
  String manualName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
