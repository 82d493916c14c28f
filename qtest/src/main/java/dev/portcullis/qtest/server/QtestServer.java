package dev.portcullis.qtest.server;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/// Offers a machine at a Unix socket, in the way QEMU does: by going to who listens, or by
/// listening.
public final class QtestServer implements AutoCloseable {
  private final Path path;
  private final ServerSocketChannel listener;

  private QtestServer(Path path, ServerSocketChannel listener) {
    this.path = path;
    this.listener = listener;
  }

  /// Connects to who listens at `path`, and serves it until it closes the connection.
  ///
  /// @throws IOException if nobody listens there
  public static void connect(Path path, QtestMachine machine) throws IOException {
    try (SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      serveUntilGone(peer, machine);
    }
  }

  /// Listens at `path`. A socket file that nobody listens at any more is replaced.
  ///
  /// @throws IOException if somebody listens there, or there is a file of another kind
  public static QtestServer listen(Path path) throws IOException {
    clear(path);
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      return new QtestServer(path, listener.bind(UnixDomainSocketAddress.of(path)));
    } catch (IOException refused) {
      listener.close();
      throw refused;
    }
  }

  private static void clear(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    var kind = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!kind.isOther() || isServed(path)) {
      throw new FileAlreadyExistsException(path.toString());
    }
    Files.deleteIfExists(path);
  }

  private static boolean isServed(Path path) {
    try (SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return peer.isConnected();
    } catch (IOException nobody) {
      return false;
    }
  }

  /// Waits for the next peer, and serves it until it closes the connection.
  ///
  /// @throws IOException after [#close()], also if that comes while waiting
  public void serveNext(QtestMachine machine) throws IOException {
    try (SocketChannel peer = listener.accept()) {
      serveUntilGone(peer, machine);
    }
  }

  private static void serveUntilGone(SocketChannel peer, QtestMachine machine) {
    try {
      QtestSession.serve(peer, machine);
    } catch (IOException gone) {
      System.getLogger(QtestServer.class.getName())
          .log(System.Logger.Level.DEBUG, "the peer is gone", gone);
    }
  }

  /// Stops listening, and removes the socket file.
  @Override
  public void close() throws IOException {
    listener.close();
    Files.deleteIfExists(path);
  }
}
