package dev.portcullis.devices.wire;

import dev.portcullis.net.host.NetworkHost;
import dev.portcullis.net.host.TcpListener;
import dev.portcullis.net.host.TcpSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// Echoes what comes over TCP (RFC 862), on so many connections at a time.
final class EchoServer {
  private static final int MOST_CONNECTIONS = 64;
  private static final Duration WAIT = Duration.ofSeconds(1);

  private final TcpListener listener;
  private final Semaphore free = new Semaphore(MOST_CONNECTIONS);

  private EchoServer(TcpListener listener) {
    this.listener = listener;
  }

  /// Echoes until the host is closed.
  static void start(NetworkHost host, int port) throws IOException {
    EchoServer server = new EchoServer(host.listen(port));
    Thread.ofVirtual().name("echo " + host.address()).start(server::serve);
  }

  private void serve() {
    try {
      while (true) {
        Optional<TcpSocket> socket = listener.accept(WAIT);
        if (socket.isPresent() && free.tryAcquire()) {
          Thread.ofVirtual().start(() -> echo(socket.get()));
        } else {
          socket.ifPresent(TcpSocket::abort);
        }
      }
    } catch (IOException closed) {
      listener.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void echo(TcpSocket socket) {
    try (socket;
        OutputStream out = socket.output()) {
      socket.input().transferTo(out);
    } catch (IOException lost) {
      socket.abort();
    } finally {
      free.release();
    }
  }
}
