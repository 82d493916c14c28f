package dev.portcullis.net.host;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.tcp.Connection;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;

/// One end of a TCP connection, as streams that block, for so long and no longer.
public final class TcpSocket implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final TcpLayer layer;
  private final TcpSlot.Key key;
  private final Connection connection;
  private volatile long timeoutNanos = PATIENCE.toNanos();

  TcpSocket(TcpLayer layer, TcpSlot slot) {
    this.layer = layer;
    this.key = slot.key();
    this.connection = slot.connection();
  }

  public Ipv4Address remoteAddress() {
    return key.remote();
  }

  public int remotePort() {
    return key.remotePort();
  }

  public int localPort() {
    return key.localPort();
  }

  /// How long a read waits for the first byte, and a write for room; two minutes if not said.
  public TcpSocket timeout(Duration limit) {
    timeoutNanos = limit.toNanos();
    return this;
  }

  /// What the other side sends. A read fails if the connection does, or nothing comes in time;
  /// closing the stream closes nothing.
  public InputStream input() {
    return new Input();
  }

  /// What the other side receives. A write fails if the connection does, or the other side takes
  /// nothing in time; closing the stream says that nothing follows.
  public OutputStream output() {
    return new Output();
  }

  /// Ends the connection: what was written is still sent, what comes is refused.
  @Override
  public void close() {
    connection.close(layer.nowNanos());
  }

  /// Ends the connection at once, and tells the other side.
  public void abort() {
    connection.abort("closed");
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted");
  }

  private final class Input extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int at, int length) throws IOException {
      Objects.checkFromIndexSize(at, length, to.length);
      try {
        return connection.read(to, at, length, timeoutNanos);
      } catch (InterruptedException e) {
        throw interrupted();
      }
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int at, int length) throws IOException {
      Objects.checkFromIndexSize(at, length, from.length);
      try {
        connection.write(from, at, length, timeoutNanos);
      } catch (InterruptedException e) {
        throw interrupted();
      }
    }

    @Override
    public void close() {
      connection.finish();
    }
  }
}
