package dev.portcullis.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// A Unix stream socket that waits for clients at a path.
public final class UnixListener implements AutoCloseable {
  private static final int S_IFMT = 0xf000;
  private static final int S_IFSOCK = 0xc000;

  private final Descriptor socket;
  private final Path path;

  private UnixListener(Descriptor socket, Path path) {
    this.socket = socket;
    this.path = path;
  }

  /// Listens at `path`. A socket file that nobody listens at any more is replaced.
  ///
  /// @throws LinuxException EADDRINUSE if somebody listens there, or the path is something other
  ///   than a socket; ENOENT if its folder does not exist
  public static UnixListener at(Path path) throws LinuxException {
    clear(path);
    Descriptor socket = UnixSocket.open();
    Scratch scratch = Scratch.ofThisThread();
    try {
      socket.call(SystemCall.BIND, scratch.address(0), UnixAddress.write(path, scratch), 0);
      socket.call(SystemCall.LISTEN, 1, 0, 0);
      return new UnixListener(socket, path);
    } catch (LinuxException e) {
      socket.close();
      throw e;
    }
  }

  private static void clear(Path path) throws LinuxException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!isSocket(path)) {
      throw new LinuxException("bind " + path + ", which is no socket", Errno.EADDRINUSE);
    }
    if (UnixSocket.isServed(path)) {
      throw new LinuxException("bind " + path, Errno.EADDRINUSE);
    }
    delete(path);
  }

  private static boolean isSocket(Path path) throws LinuxException {
    try {
      int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      return (mode & S_IFMT) == S_IFSOCK;
    } catch (IOException e) {
      throw new LinuxException("stat " + path, Errno.EIO);
    }
  }

  private static void delete(Path path) throws LinuxException {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new LinuxException("unlink " + path, Errno.EACCES);
    }
  }

  /// Where it listens.
  public Path path() {
    return path;
  }

  /// Waits for the next client.
  ///
  /// @throws LinuxException EINVAL or EBADF after [#close()], also if that comes while waiting
  public UnixSocket accept() throws LinuxException {
    return new UnixSocket(
        new Descriptor((int) socket.call(SystemCall.ACCEPT4, 0, 0, UnixSocket.SOCK_CLOEXEC)));
  }

  /// Stops listening, wakes whoever waits in [#accept()], and removes the socket file.
  @Override
  public void close() {
    if (socket.isClosed()) {
      return;
    }
    try {
      delete(path);
      // The only way to wake accept(2): it keeps waiting when its descriptor is closed.
      socket.call(SystemCall.SHUTDOWN, UnixSocket.SHUT_RDWR, 0, 0);
    } catch (LinuxException e) {
      System.getLogger(UnixListener.class.getName())
          .log(System.Logger.Level.WARNING, "closing " + path, e);
    } finally {
      socket.close();
    }
  }
}
