package dev.portcullis.net.http;

import dev.portcullis.net.host.NetworkHost;
import dev.portcullis.net.host.TcpListener;
import dev.portcullis.net.host.TcpSocket;
import dev.portcullis.net.packet.Ipv4Address;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// Answers requests on a port of a host; so many connections at a time, each on a virtual thread. A
/// client has a share of them, so that one that holds all it can get keeps no other out.
public final class HttpServer implements AutoCloseable {
  static final int MOST_CONNECTIONS = 64;

  /// Of one client.
  static final int MOST_OF_ONE = 16;

  private static final Duration WAIT = Duration.ofSeconds(1);

  /// Makes the answers.
  @FunctionalInterface
  public interface Handler {
    /// Answers a request. It may be called by several threads at once.
    ///
    /// @throws HttpException if the answer is an error
    HttpResponse answer(HttpRequest request) throws IOException;
  }

  private final TcpListener listener;
  private final Handler handler;
  private final Semaphore free = new Semaphore(MOST_CONNECTIONS);
  private final Map<Ipv4Address, Integer> shares = new ConcurrentHashMap<>();

  private HttpServer(TcpListener listener, Handler handler) {
    this.listener = listener;
    this.handler = handler;
  }

  /// Begins to answer.
  ///
  /// @throws IOException if the port is taken
  public static HttpServer start(NetworkHost host, int port, Handler handler) throws IOException {
    HttpServer server = new HttpServer(host.listen(port), handler);
    Thread.ofVirtual().name("http " + host.address()).start(server::serve);
    return server;
  }

  private void serve() {
    try {
      while (true) {
        Optional<TcpSocket> socket = listener.accept(WAIT);
        if (socket.isPresent()) {
          serve(socket.get());
        }
      }
    } catch (IOException closed) {
      listener.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(TcpSocket socket) {
    Ipv4Address client = socket.remoteAddress();
    if (!take(client)) {
      socket.abort();
      return;
    }
    Thread.ofVirtual()
        .start(() -> {
          try (socket) {
            new ServerConnection(socket, handler).serve();
          } finally {
            give(client);
          }
        });
  }

  /// Only the thread that accepts takes.
  private boolean take(Ipv4Address client) {
    if (shares.getOrDefault(client, 0) >= MOST_OF_ONE || !free.tryAcquire()) {
      return false;
    }
    shares.merge(client, 1, Integer::sum);
    return true;
  }

  private void give(Ipv4Address client) {
    shares.computeIfPresent(client, (_, count) -> count == 1 ? null : count - 1);
    free.release();
  }

  /// Accepts nothing more.
  @Override
  public void close() {
    listener.close();
  }
}
