package dev.portcullis.linux;

import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/// A TAP device: an Ethernet interface of this host's kernel whose far end is a file. Reading it
/// gives what the kernel sends, writing it is what the kernel receives, a frame at a time.
///
/// Opening takes the right to administer the network (CAP_NET_ADMIN in its namespace), or a device
/// that was made for this user before. A device that was made by opening goes with it.
public final class Tap implements AutoCloseable {
  /// Longest name of an interface, in bytes.
  public static final int LONGEST_NAME = 15;

  private static final String CLONE = "/dev/net/tun";
  private static final long AT_FDCWD = -100;
  private static final long O_RDWR = 2;
  private static final long O_NONBLOCK = 0x800;
  private static final long O_CLOEXEC = 0x80000;
  private static final long TUNSETIFF = 0x4004_54ca;
  private static final short IFF_TAP_NO_PI = 0x1002;
  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_FLAGS = 16;
  private static final int POLL_BYTES = 8;
  private static final int POLL_REVENTS = 6;
  private static final short POLLIN = 1;

  private final Descriptor file;
  private final Descriptor closing;

  private Tap(Descriptor file, Descriptor closing) {
    this.file = file;
    this.closing = closing;
  }

  /// Opens the device called `name`, and makes it if it is not there.
  ///
  /// @throws LinuxException EPERM without the right to it; EBUSY if somebody else has it open;
  ///   EINVAL if `name` is none, or belongs to an interface of another kind
  public static Tap open(String name) throws LinuxException {
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      throw new LinuxException("ioctl(TUNSETIFF)", Errno.EINVAL);
    }
    Scratch scratch = Scratch.ofThisThread();
    scratch.room().setString(0, CLONE);
    Descriptor file =
        new Descriptor(
            (int)
                Kernel.call(
                    SystemCall.OPENAT,
                    scratch.with(
                        AT_FDCWD, scratch.address(0), O_RDWR | O_NONBLOCK | O_CLOEXEC, 0)));
    try {
      scratch.room().asSlice(0, IFREQ_BYTES).fill((byte) 0);
      scratch.room().setString(0, name);
      scratch.room().set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, IFF_TAP_NO_PI);
      file.call(SystemCall.IOCTL, TUNSETIFF, scratch.address(0), 0);
      return new Tap(file, Event.create());
    } catch (LinuxException e) {
      file.close();
      throw e;
    }
  }

  /// Waits for a frame that the kernel sends.
  ///
  /// @return its length, at most that of `into`; 0 if there was none after all; -1 after [#close()]
  public int read(NativeBuffer into) throws LinuxException {
    long room = into.bytes().byteSize();
    try {
      return awaitFrame() ? (int) file.call(SystemCall.READ, into.address(0, room), room, 0) : -1;
    } catch (LinuxException e) {
      if (closing.isClosed()) {
        return -1;
      }
      if (e.errno() == Errno.EAGAIN) {
        return 0;
      }
      throw e;
    } finally {
      Reference.reachabilityFence(into);
    }
  }

  /// @return whether there is a frame; if not, the device is being closed
  private boolean awaitFrame() throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    int fd = file.acquire(SystemCall.PPOLL);
    try {
      int stop = closing.acquire(SystemCall.PPOLL);
      try {
        expect(scratch, 0, fd);
        expect(scratch, POLL_BYTES, stop);
        Kernel.call(SystemCall.PPOLL, scratch.with(scratch.address(0), 2, 0, 0));
        return scratch.room().get(ValueLayout.JAVA_SHORT, POLL_BYTES + POLL_REVENTS) == 0;
      } finally {
        closing.release();
      }
    } finally {
      file.release();
    }
  }

  private static void expect(Scratch scratch, long at, int fd) {
    scratch.putInt(at, fd);
    scratch.room().set(ValueLayout.JAVA_SHORT, at + 4, POLLIN);
    scratch.room().set(ValueLayout.JAVA_SHORT, at + POLL_REVENTS, (short) 0);
  }

  /// Gives the kernel the first `lengthBytes` bytes of `from` as a frame it receives.
  ///
  /// @return whether it took it; not while the interface is down, or when it has too many
  public boolean write(NativeBuffer from, long lengthBytes) throws LinuxException {
    try {
      file.call(SystemCall.WRITE, from.address(0, lengthBytes), lengthBytes, 0);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN || e.errno() == Errno.EIO || e.errno() == Errno.EINVAL) {
        return false;
      }
      throw e;
    } finally {
      Reference.reachabilityFence(from);
    }
  }

  /// Gives the device up, and wakes whoever waits in [#read].
  @Override
  public void close() {
    try {
      if (!closing.isClosed()) {
        Event.signal(closing);
      }
    } catch (LinuxException e) {
      throw new AssertionError("our own event", e);
    }
    closing.close();
    file.close();
  }
}
