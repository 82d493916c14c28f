package dev.portcullis.net.host;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A UDP port of a host. Datagrams that come while too many wait are lost, as UDP may lose any.
public final class UdpSocket implements AutoCloseable {
  /// The longest content that fits a packet.
  public static final int MOST_BYTES = Ipv4Layer.MTU_BYTES - Ipv4Layer.HEADER_BYTES - 8;

  static final int MOST_WAITING = 256;

  private final UdpLayer layer;
  private final int port;
  private final BlockingQueue<Datagram> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private volatile Consumer<Datagram> receiver = this::keep;
  private volatile boolean closed;

  UdpSocket(UdpLayer layer, int port) {
    this.layer = layer;
    this.port = port;
  }

  private void keep(Datagram datagram) {
    if (!waiting.offer(datagram)) {
      layer.lost();
    }
  }

  /// The port it receives on and sends from.
  public int port() {
    return port;
  }

  /// From now on hands datagrams to `to`, on the host's thread, which must not be blocked.
  public UdpSocket onDatagram(Consumer<Datagram> to) {
    receiver = to;
    return this;
  }

  void received(Datagram datagram) {
    receiver.accept(datagram);
  }

  /// The next datagram, if one comes in time.
  public Optional<Datagram> receive(Duration timeout) throws InterruptedException {
    return Optional.ofNullable(waiting.poll(timeout.toNanos(), TimeUnit.NANOSECONDS));
  }

  /// Sends a datagram, or loses it if the host does not keep up.
  ///
  /// @throws IOException if it is longer than [#MOST_BYTES], or the socket or host is closed
  public void send(Datagram datagram) throws IOException {
    if (datagram.bytes().length > MOST_BYTES) {
      throw new IOException("a datagram of " + datagram.bytes().length + " bytes");
    }
    if (closed || !layer.isOpen()) {
      throw new IOException("closed");
    }
    layer.send(port, datagram);
  }

  @Override
  public void close() {
    closed = true;
    layer.close(this);
  }
}
