package dev.portcullis.linux;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// One end of a Unix stream connection over which descriptors travel too.
///
/// One thread at a time may receive and one may send; [#shutdown()] is for any. An interrupted
/// thread keeps waiting: only [#shutdown()] and time limits end a wait.
public final class UnixSocket implements AutoCloseable {
  static final long SOCK_CLOEXEC = 0x80000;
  static final long SHUT_RDWR = 2;

  private static final long SOCK_STREAM = 1;
  private static final long SOCK_NONBLOCK = 0x800;
  private static final long SOL_SOCKET = 1;
  private static final long SO_RCVTIMEO = 20;
  private static final long SO_SNDTIMEO = 21;
  private static final long MSG_NOSIGNAL = 0x4000;
  private static final long MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int MSG_CTRUNC = 8;

  private final Descriptor socket;
  private volatile long sendLimitNanos = Long.MAX_VALUE;

  UnixSocket(Descriptor socket) {
    this.socket = socket;
  }

  static Descriptor open() throws LinuxException {
    return open(SOCK_STREAM | SOCK_CLOEXEC);
  }

  private static Descriptor open(long type) throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    return new Descriptor(
        (int) Kernel.call(SystemCall.SOCKET, scratch.with(UnixAddress.AF_UNIX, type, 0, 0)));
  }

  /// Connects to who listens at `path`; waits while others wait there already.
  ///
  /// @throws LinuxException ECONNREFUSED if nobody does; ENOENT if there is no such file
  public static UnixSocket connect(Path path) throws LinuxException {
    return connect(path, open());
  }

  /// Whether somebody listens at `path`, without waiting for attention.
  ///
  /// @throws LinuxException if that cannot be told
  static boolean isServed(Path path) throws LinuxException {
    try {
      connect(path, open(SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)).close();
      return true;
    } catch (LinuxException e) {
      return switch (e.errno()) {
        case EAGAIN -> true;
        case ECONNREFUSED -> false;
        default -> throw e;
      };
    }
  }

  private static UnixSocket connect(Path path, Descriptor socket) throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    try {
      socket.call(SystemCall.CONNECT, scratch.address(0), UnixAddress.write(path, scratch), 0);
      return new UnixSocket(socket);
    } catch (LinuxException e) {
      socket.close();
      throw e;
    }
  }

  /// The two ends of a connection that has no path.
  public static List<UnixSocket> pair() throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    Kernel.call(
        SystemCall.SOCKETPAIR,
        scratch.with(UnixAddress.AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, scratch.address(0)));
    return List.of(
        new UnixSocket(new Descriptor(scratch.intAt(0))),
        new UnixSocket(new Descriptor(scratch.intAt(4))));
  }

  /// Lets every [#receive] fail with EAGAIN that has waited this long; zero waits for ever.
  public void receiveLimit(Duration limit) throws LinuxException {
    timeLimit(SO_RCVTIMEO, limit);
  }

  /// Lets every [#send] fail with EAGAIN that has not sent all after this long, however slowly the
  /// peer takes it; zero waits for ever.
  public void sendLimit(Duration limit) throws LinuxException {
    timeLimit(SO_SNDTIMEO, limit);
    sendLimitNanos = limit.isZero() ? Long.MAX_VALUE : limit.toNanos();
  }

  private void timeLimit(long option, Duration limit) throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    scratch.putLong(0, limit.toSeconds());
    scratch.putLong(8, limit.toNanosPart() / 1000);
    long fd = socket.acquire(SystemCall.SETSOCKOPT);
    try {
      Kernel.call(
          SystemCall.SETSOCKOPT,
          scratch.with(fd, SOL_SOCKET, option, scratch.address(0)).and(16, 0));
    } finally {
      socket.release();
    }
  }

  /// Receives at least one byte and at most `lengthBytes` into `into`, and the descriptors that
  /// came with them.
  ///
  /// Bytes that follow the message which carried descriptors come with the next call: descriptors
  /// belong to the message that holds the *last* byte received.
  ///
  /// @param descriptors gets them, closed on exec; at most 16
  /// @return how many bytes; 0 when the peer has closed
  /// @throws LinuxException EAGAIN after the time limit; EOVERFLOW if more descriptors came than
  ///   fit, all of which are closed
  public long receive(
      NativeBuffer into, long offset, long lengthBytes, List<Descriptor> descriptors)
      throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    Ancillary.prepare(scratch, into.address(offset, lengthBytes), lengthBytes);
    Ancillary.expectDescriptors(scratch);
    long flags = MSG_CMSG_CLOEXEC;
    long received = socket.call(SystemCall.RECVMSG, scratch.address(0), flags, 0);
    int came = descriptors.size();
    Ancillary.takeDescriptors(scratch, descriptors);
    if ((Ancillary.flags(scratch) & MSG_CTRUNC) != 0) {
      List<Descriptor> some = descriptors.subList(came, descriptors.size());
      some.forEach(Descriptor::close);
      some.clear();
      throw new LinuxException("recvmsg: too many descriptors", Errno.EOVERFLOW);
    }
    return received;
  }

  /// Sends all `lengthBytes` bytes of `from`, at least one, with the descriptors on the first.
  ///
  /// @throws LinuxException EPIPE if the peer has closed; EAGAIN after the time limit, when a part
  ///   may have gone out already
  public void send(NativeBuffer from, long offset, long lengthBytes, List<Descriptor> descriptors)
      throws LinuxException {
    long done = sendSome(from.address(offset, lengthBytes), lengthBytes, descriptors);
    if (done == lengthBytes) {
      return;
    }
    long begin = System.nanoTime();
    while (done < lengthBytes) {
      if (System.nanoTime() - begin > sendLimitNanos) {
        throw new LinuxException("sendmsg", Errno.EAGAIN);
      }
      long left = lengthBytes - done;
      done += sendSome(from.address(offset + done, left), left, List.of());
    }
  }

  private long sendSome(long address, long lengthBytes, List<Descriptor> descriptors)
      throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    Ancillary.prepare(scratch, address, lengthBytes);
    int acquired = 0;
    try {
      for (Descriptor one : descriptors) {
        Ancillary.attach(scratch, acquired, one.acquire(SystemCall.SENDMSG));
        acquired++;
      }
      return socket.call(SystemCall.SENDMSG, scratch.address(0), MSG_NOSIGNAL, 0);
    } finally {
      for (Descriptor one : descriptors.subList(0, acquired)) {
        one.release();
      }
    }
  }

  /// Ends the connection both ways and wakes whoever waits in [#receive] or [#send].
  public void shutdown() {
    try {
      socket.call(SystemCall.SHUTDOWN, SHUT_RDWR, 0, 0);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOTCONN && e.errno() != Errno.EBADF) {
        throw new AssertionError("shutdown of our own socket", e);
      }
    }
  }

  /// Ends the connection and gives up the descriptor.
  @Override
  public void close() {
    shutdown();
    socket.close();
  }
}
