package dev.portcullis.vmm.event;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Events as syslog messages over TCP, each preceded by its length (RFC 6587 section 3.4.1). It
/// connects when it has something to say, and again after the receiver has gone.
///
/// What the receiver's host has taken into its buffers when the receiver dies is lost, and nobody
/// learns of it: the protocol has no answer.
public final class SyslogTcp implements EventSink {
  /// A receiver that talks without end keeps nobody.
  private static final int MOST_READS = 16;

  private final InetSocketAddress receiver;
  private final SyslogFormat format;
  private final Duration patience;
  private final Selector selector;
  private final ByteBuffer heard = ByteBuffer.allocate(256);
  private volatile SocketChannel channel;

  /// @param patience how long a receiver may take nothing
  /// @throws IOException if there is no selector
  public SyslogTcp(InetSocketAddress receiver, SyslogFormat format, Duration patience)
      throws IOException {
    this.receiver = receiver;
    this.format = format;
    this.patience = patience;
    this.selector = Selector.open();
  }

  @Override
  public String name() {
    return "syslog over TCP at " + written(receiver);
  }

  static String written(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  static InetSocketAddress resolved(InetSocketAddress address) throws IOException {
    InetSocketAddress found =
        address.isUnresolved()
            ? new InetSocketAddress(address.getHostString(), address.getPort())
            : address;
    if (found.isUnresolved()) {
      throw new UnknownHostException("no address is known of " + address.getHostString());
    }
    return found;
  }

  @Override
  public void accept(Event event) throws IOException {
    byte[] message = format.encode(event, SyslogFormat.LONGEST_BYTES);
    byte[] length = (message.length + " ").getBytes(StandardCharsets.US_ASCII);
    ByteBuffer frame =
        ByteBuffer.allocate(length.length + message.length).put(length).put(message).flip();
    try {
      if (channel != null && hasLeft()) {
        disconnect();
      }
      if (channel == null) {
        connect();
      }
      send(frame);
    } catch (IOException e) {
      disconnect();
      throw e;
    }
  }

  private void connect() throws IOException {
    InetSocketAddress address = resolved(receiver);
    channel = SocketChannel.open();
    channel.configureBlocking(false);
    SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
    if (!channel.connect(address)) {
      await("does not answer");
      channel.finishConnect();
    }
    key.interestOps(SelectionKey.OP_WRITE);
  }

  /// A receiver says nothing; whatever it says is dropped, but for that it goes.
  private boolean hasLeft() {
    try {
      int bytes = 1;
      for (int i = 0; i < MOST_READS && bytes > 0; i++) {
        heard.clear();
        bytes = channel.read(heard);
      }
      return bytes < 0;
    } catch (IOException reset) {
      return true;
    }
  }

  private void send(ByteBuffer frame) throws IOException {
    while (channel.write(frame) >= 0 && frame.hasRemaining()) {
      await("takes nothing");
    }
  }

  private void await(String what) throws IOException {
    selector.selectedKeys().clear();
    if (selector.select(patience.toMillis()) == 0) {
      throw new IOException(
          selector.isOpen()
              ? "%s %s for %d ms".formatted(written(receiver), what, patience.toMillis())
              : "closed");
    }
  }

  private void disconnect() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
    }
  }

  /// Ends a call that waits.
  @Override
  public void close() throws IOException {
    SocketChannel open = channel;
    selector.close();
    if (open != null) {
      open.close();
    }
  }
}
