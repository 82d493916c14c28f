package dev.portcullis.linux;

import java.util.List;

/// `struct msghdr` with one buffer and, as ancillary data, descriptors. It lies in the room of the
/// calling thread.
///
/// ```
///   0  msghdr   name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40, flags 48
///  56  iovec    base 56, length 64
///  72  cmsghdr  length 72, level 80, type 84, then the descriptors, four bytes each, from 88 on
/// ```
final class Ancillary {
  /// How many descriptors one message can bring.
  static final int MOST_DESCRIPTORS = 16;

  private static final long IOVEC = 56;
  private static final long CMSG = 72;
  private static final long CMSG_HEADER_BYTES = 16;
  private static final long DESCRIPTORS = CMSG + CMSG_HEADER_BYTES;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;

  private Ancillary() {}

  /// A header for one buffer, without ancillary data.
  static void prepare(Scratch at, long address, long lengthBytes) {
    at.putLong(0, 0);
    at.putLong(8, 0);
    at.putLong(16, at.address(IOVEC));
    at.putLong(24, 1);
    at.putLong(32, 0);
    at.putLong(40, 0);
    at.putLong(48, 0);
    at.putLong(IOVEC, address);
    at.putLong(IOVEC + 8, lengthBytes);
  }

  /// Makes room for descriptors to come.
  static void expectDescriptors(Scratch at) {
    control(at, CMSG_HEADER_BYTES + 4L * MOST_DESCRIPTORS);
    at.putLong(CMSG, 0);
  }

  private static void control(Scratch at, long lengthBytes) {
    at.putLong(32, at.address(CMSG));
    at.putLong(40, lengthBytes);
  }

  /// Adds descriptor number `index` (they come in order from 0 on).
  static void attach(Scratch at, int index, int descriptor) {
    if (index >= 253) {
      throw new IllegalArgumentException("the kernel takes 253 descriptors at a time");
    }
    at.putInt(DESCRIPTORS + 4L * index, descriptor);
    long lengthBytes = CMSG_HEADER_BYTES + 4L * (index + 1);
    at.putLong(CMSG, lengthBytes);
    at.putInt(CMSG + 8, SOL_SOCKET);
    at.putInt(CMSG + 12, SCM_RIGHTS);
    control(at, lengthBytes + 7 & -8);
  }

  static int flags(Scratch at) {
    return at.intAt(48);
  }

  /// Takes over the descriptors that came.
  static void takeDescriptors(Scratch at, List<Descriptor> into) {
    if (at.longAt(40) < CMSG_HEADER_BYTES
        || at.intAt(CMSG + 8) != SOL_SOCKET
        || at.intAt(CMSG + 12) != SCM_RIGHTS) {
      return;
    }
    long end = CMSG + at.longAt(CMSG);
    for (long i = DESCRIPTORS; i < end; i += 4) {
      into.add(new Descriptor(at.intAt(i)));
    }
  }
}
