package dev.portcullis.devices.wire;

import dev.portcullis.devices.thread.Threads;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// A wire over a stream socket, in the format of QEMU's `-netdev stream`: before each frame comes
/// its length, 32 bits, most significant byte first. `passt` speaks it too.
///
/// It has one peer at a time. When that goes, or says a length that no frame has, the connection
/// ends and the next one is looked for; frames sent meanwhile are lost, as are those that find
/// [#MOST_WAITING] others waiting for a peer that does not read.
public final class StreamWire implements Wire {
  /// The longest frame taken from a peer: the longest IP packet with a header and a VLAN tag.
  public static final int LONGEST_FRAME = 65_535 + 18;

  /// Frames that wait for the peer to read them.
  public static final int MOST_WAITING = 1024;

  private static final int LENGTH_BYTES = 4;
  private static final long RETRY_MILLIS = 100;

  /// Where connections come from.
  private interface Source {
    /// Waits for one.
    SocketChannel next() throws IOException;
  }

  private final ArrayBlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final LongAdder lost = new LongAdder();
  private final SocketAddress address;
  private final Thread reader;
  private final Thread writer;
  private volatile Consumer<byte[]> receiver = frame -> {};
  private volatile Channel listening;
  private volatile SocketChannel opening;
  private volatile SocketChannel peer;

  private StreamWire(SocketAddress address, String name) {
    this.address = address;
    reader = Thread.ofPlatform().daemon().name(name + "-in").unstarted(this::readAll);
    writer = Thread.ofPlatform().daemon().name(name + "-out").unstarted(this::writeAll);
  }

  /// A wire to who listens at `address`; looked for again and again until somebody does.
  public static StreamWire connecting(SocketAddress address) {
    return new StreamWire(address, "wire").start();
  }

  /// A wire to who connects to `address`. A socket file that nobody listens at any more is
  /// replaced.
  ///
  /// @throws IOException if nobody can listen there
  public static StreamWire listening(SocketAddress address) throws IOException {
    StreamWire wire = new StreamWire(address, "wire-server");
    wire.listening = listenAt(address);
    return wire.start();
  }

  private static ServerSocketChannel listenAt(SocketAddress address) throws IOException {
    boolean isFile = address instanceof UnixDomainSocketAddress;
    if (isFile && isStale((UnixDomainSocketAddress) address)) {
      Files.delete(((UnixDomainSocketAddress) address).getPath());
    }
    ServerSocketChannel server =
        isFile
            ? ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)
            : ServerSocketChannel.open();
    try {
      return server.bind(address, 1);
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  /// Whether there is a socket nobody listens at.
  private static boolean isStale(UnixDomainSocketAddress address) throws IOException {
    if (!Files.exists(address.getPath())) {
      return false;
    }
    try (SocketChannel probe = SocketChannel.open(address)) {
      return !probe.isConnected();
    } catch (ConnectException refused) {
      return !Files.isRegularFile(address.getPath()) && !Files.isDirectory(address.getPath());
    }
  }

  private StreamWire start() {
    reader.start();
    writer.start();
    return this;
  }

  /// Whether there is a peer now.
  public boolean isConnected() {
    return peer != null;
  }

  /// Frames sent that no peer got to see.
  public long lost() {
    return lost.sum();
  }

  @Override
  public void connect(Consumer<byte[]> to) {
    receiver = to;
  }

  @Override
  public void send(byte[] frame) {
    if (peer == null || !waiting.offer(frame)) {
      lost.increment();
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  private void readAll() {
    Source source = listening instanceof ServerSocketChannel server ? server::accept : this::dial;
    while (!isClosed()) {
      try (SocketChannel connection = source.next()) {
        waiting.clear();
        peer = connection;
        readFrames(connection);
      } catch (IOException ended) {
        pause();
      } finally {
        peer = null;
      }
    }
  }

  private SocketChannel dial() throws IOException {
    SocketChannel channel =
        address instanceof UnixDomainSocketAddress
            ? SocketChannel.open(java.net.StandardProtocolFamily.UNIX)
            : SocketChannel.open();
    opening = channel;
    try {
      if (isClosed()) {
        throw new IOException("closed");
      }
      channel.connect(address);
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    } finally {
      opening = null;
    }
  }

  private void pause() {
    try {
      boolean _ = closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void readFrames(SocketChannel from) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES);
    while (!isClosed()) {
      fill(from, length.clear());
      int frameBytes = length.getInt(0);
      if (frameBytes <= 0 || frameBytes > LONGEST_FRAME) {
        throw new IOException("no frame is as long as this: " + frameBytes);
      }
      ByteBuffer frame = ByteBuffer.allocate(frameBytes);
      fill(from, frame);
      receiver.accept(frame.array());
    }
  }

  private static void fill(SocketChannel from, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (from.read(buffer) < 0) {
        throw new EOFException();
      }
    }
  }

  private void writeAll() {
    while (!isClosed()) {
      try {
        write(waiting.take());
      } catch (InterruptedException stop) {
        return;
      }
    }
  }

  /// A connection whose peer takes no more ends for its reader too.
  private void write(byte[] frame) {
    SocketChannel to = peer;
    if (to == null) {
      lost.increment();
      return;
    }
    ByteBuffer headed = ByteBuffer.allocate(LENGTH_BYTES + frame.length);
    headed.putInt(frame.length).put(frame).flip();
    try {
      while (headed.hasRemaining()) {
        to.write(headed);
      }
    } catch (IOException gone) {
      lost.increment();
      close(to);
    }
  }

  private static void close(Channel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        System.getLogger(StreamWire.class.getName())
            .log(System.Logger.Level.WARNING, "closing a wire", e);
      }
    }
  }

  @Override
  public void close() {
    closed.countDown();
    writer.interrupt();
    close(listening);
    close(opening);
    close(peer);
    reader.interrupt();
    Threads.awaitEnd(reader);
    Threads.awaitEnd(writer);
    if (listening != null && address instanceof UnixDomainSocketAddress file) {
      try {
        Files.deleteIfExists(file.getPath());
      } catch (IOException e) {
        System.getLogger(StreamWire.class.getName())
            .log(System.Logger.Level.WARNING, "removing " + file, e);
      }
    }
  }
}
