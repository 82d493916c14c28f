package dev.portcullis.net.host;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// A TCP port of a host where connections are accepted. So many wait to be accepted; more are
/// reset.
public final class TcpListener implements AutoCloseable {
  static final int MOST_WAITING = 64;
  private static final long LOOK_AGAIN_NANOS = 100_000_000L;

  private final TcpLayer layer;
  private final int port;
  private final BlockingQueue<TcpSocket> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private volatile boolean closed;

  TcpListener(TcpLayer layer, int port) {
    this.layer = layer;
    this.port = port;
  }

  public int port() {
    return port;
  }

  /// @return whether there was room
  boolean offer(TcpSocket socket) {
    return !closed && waiting.offer(socket);
  }

  /// The next connection, if one comes in time.
  ///
  /// @throws IOException if the listener or its host is closed
  public Optional<TcpSocket> accept(Duration timeout) throws IOException, InterruptedException {
    long endNanos = System.nanoTime() + timeout.toNanos();
    while (true) {
      if (closed || !layer.isOpen()) {
        throw new IOException("closed");
      }
      long left = endNanos - System.nanoTime();
      TcpSocket socket = waiting.poll(Math.clamp(left, 0, LOOK_AGAIN_NANOS), TimeUnit.NANOSECONDS);
      if (socket != null || left <= 0) {
        return Optional.ofNullable(socket);
      }
    }
  }

  /// Accepts nothing more, and resets what was not accepted.
  @Override
  public void close() {
    closed = true;
    layer.close(this);
    List<TcpSocket> left = new ArrayList<>();
    waiting.drainTo(left);
    left.forEach(TcpSocket::abort);
  }
}
