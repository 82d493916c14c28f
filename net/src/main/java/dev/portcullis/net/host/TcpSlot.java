package dev.portcullis.net.host;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.tcp.Connection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/// A connection's place in the tables of its host.
final class TcpSlot {
  /// What tells the connections of a host apart.
  record Key(int localPort, Ipv4Address remote, int remotePort) {}

  private final Key key;
  private final Connection connection;
  private final TcpListener listener;
  private final AtomicBoolean queued = new AtomicBoolean();
  private boolean settled;
  private boolean remembered;
  private long resent;

  /// @param listener whose it is, or `null` if it was opened from here
  /// @param make makes the connection, given what it says when it wants to send
  /// @param wanting where the slot goes then, once
  TcpSlot(
      Key key,
      TcpListener listener,
      Function<Runnable, Connection> make,
      Consumer<TcpSlot> wanting) {
    this.key = key;
    this.listener = listener;
    this.connection =
        make.apply(() -> {
          if (queue()) {
            wanting.accept(this);
          }
        });
  }

  Key key() {
    return key;
  }

  Connection connection() {
    return connection;
  }

  TcpListener listener() {
    return listener;
  }

  /// @return whether it must be put into the queue of those that want to send
  boolean queue() {
    return queued.compareAndSet(false, true);
  }

  /// It was taken out of that queue.
  void taken() {
    queued.set(false);
  }

  /// Whether it is no longer half open. For the host's thread.
  boolean isSettled() {
    return settled;
  }

  void settle() {
    settled = true;
  }

  /// It is over, and only remembered. For the host's thread.
  ///
  /// @return whether that is new
  boolean remember() {
    boolean before = remembered;
    remembered = true;
    return !before;
  }

  /// Segments that were sent again since this was asked last. For the host's thread.
  long resentSince() {
    long before = resent;
    resent = connection.resent();
    return resent - before;
  }
}
