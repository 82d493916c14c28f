package dev.portcullis.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// `eventfd(2)`: a counter that wakes whoever waits for it. All methods take any descriptor of that
/// kind, our own or one received.
public final class Event {
  private static final long EFD_CLOEXEC = 0x80000;
  private static final long EFD_NONBLOCK = 0x800;
  private static final long F_GETFL = 3;
  private static final long F_SETFL = 4;

  private Event() {}

  /// A new event, not signalled.
  public static Descriptor create() throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    return new Descriptor(
        (int) Kernel.call(SystemCall.EVENTFD2, scratch.with(0, EFD_CLOEXEC | EFD_NONBLOCK, 0, 0)));
  }

  /// Looks whether a received descriptor is an event, and makes it one that does not block.
  /// Anything else, a full pipe say, could hold up the thread that signals it. So can whoever
  /// shares the event and makes it block again on purpose, but only that one thread.
  ///
  /// @throws LinuxException EINVAL if it is no event
  public static void check(Descriptor event) throws LinuxException {
    int fd = event.acquire(SystemCall.FCNTL);
    try {
      Path what = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
      if (!what.toString().equals("anon_inode:[eventfd]")) {
        throw new LinuxException("eventfd", Errno.EINVAL);
      }
    } catch (IOException e) {
      throw e instanceof LinuxException ours ? ours : new LinuxException("readlink", Errno.EIO);
    } finally {
      event.release();
    }
    long flags = event.call(SystemCall.FCNTL, F_GETFL, 0, 0);
    event.call(SystemCall.FCNTL, F_SETFL, flags | EFD_NONBLOCK, 0);
  }

  /// Adds one to the counter. A received descriptor must have passed [#check].
  public static void signal(Descriptor event) throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    scratch.putLong(0, 1);
    try {
      event.call(SystemCall.WRITE, scratch.address(0), Long.BYTES, 0);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EAGAIN) {
        throw e;
      }
      // The counter is at its limit: the waiter has plenty to wake up for.
    }
  }

  /// Takes the counter's value and sets it to 0.
  ///
  /// @return how often it was signalled since the last time; 0 if it was not and does not block
  public static long take(Descriptor event) throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    try {
      event.call(SystemCall.READ, scratch.address(0), Long.BYTES, 0);
      return scratch.longAt(0);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN) {
        return 0;
      }
      throw e;
    }
  }
}
