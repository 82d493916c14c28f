package dev.portcullis.net.host;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Protocol;
import dev.portcullis.net.packet.TcpFlags;
import dev.portcullis.net.tcp.Connection;
import dev.portcullis.net.tcp.Segment;
import dev.portcullis.net.tcp.Settings;
import dev.portcullis.net.tcp.State;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/// The TCP connections of a host: which segment is whose, who listens, and how many there may be.
///
/// A flood of SYNs costs no more than [#MOST_HALF_OPEN] small entries: the oldest goes for the
/// newest, so that a true peer, which answers soon, gets through. When there are too many
/// connections, the oldest goes that has ended and is only remembered; if there is none, nobody
/// gets in.
final class TcpLayer {
  static final int MOST_CONNECTIONS = 256;
  static final int MOST_HALF_OPEN = 128;

  private static final int TURN = 64;

  private final Work work;
  private final Ipv4Layer ip;
  private final Counters counters;
  private final InitialSequences sequences = new InitialSequences();
  private final Map<TcpSlot.Key, TcpSlot> slots = new ConcurrentHashMap<>();
  private final Map<Integer, TcpListener> listeners = new ConcurrentHashMap<>();
  private final Queue<TcpSlot> wanting = new ConcurrentLinkedQueue<>();
  private final Set<TcpSlot> halfOpen = new LinkedHashSet<>();
  private final Queue<TcpSlot> remembered = new ConcurrentLinkedQueue<>();
  private long deadlineNanos = Long.MAX_VALUE;

  TcpLayer(Work work, Ipv4Layer ip, Counters counters) {
    this.work = work;
    this.ip = ip;
    this.counters = counters;
  }

  boolean isOpen() {
    return work.isOpen();
  }

  long nowNanos() {
    return work.nowNanos();
  }

  /// Connections in any state, those that are only remembered included.
  int connections() {
    return slots.size();
  }

  TcpListener listen(int port) throws IOException {
    TcpListener listener = new TcpListener(this, port);
    if (listeners.putIfAbsent(port, listener) != null) {
      throw new IOException("TCP port " + port + " is taken");
    }
    return listener;
  }

  void close(TcpListener listener) {
    listeners.remove(listener.port(), listener);
  }

  TcpSocket connect(Ipv4Address to, int port, Duration timeout)
      throws IOException, InterruptedException {
    TcpSlot slot = open(to, port);
    try {
      slot.connection().awaitEstablished(timeout.toNanos());
      return new TcpSocket(this, slot);
    } catch (IOException | InterruptedException e) {
      slot.connection().abort("closed");
      throw e;
    }
  }

  private TcpSlot open(Ipv4Address to, int port) throws IOException {
    if (!isOpen()) {
      throw new IOException("the host is closed");
    }
    if (!forgetOne()) {
      throw new IOException("too many connections");
    }
    while (true) {
      TcpSlot.Key key = new TcpSlot.Key(Ports.random(), to, port);
      int sequence = sequences.of(key, nowNanos());
      TcpSlot slot = slot(key, null, wants -> Connection.open(Settings.ETHERNET, sequence, wants));
      if (!listeners.containsKey(key.localPort()) && slots.putIfAbsent(key, slot) == null) {
        want(slot);
        return slot;
      }
    }
  }

  private TcpSlot slot(TcpSlot.Key key, TcpListener listener, Function<Runnable, Connection> make) {
    return new TcpSlot(
        key,
        listener,
        make,
        wants -> {
          wanting.add(wants);
          work.wake();
        });
  }

  private void want(TcpSlot slot) {
    if (slot.queue()) {
      wanting.add(slot);
      work.wake();
    }
  }

  /// Takes a segment.
  ///
  /// @return whether it was of any use
  boolean receive(Packet packet, long nowNanos) {
    if (!Ipv4Layer.isUndamaged(packet)) {
      return false;
    }
    Ipv4Address from = Ipv4Layer.source(packet);
    TcpSlot.Key key = new TcpSlot.Key(packet.destinationPort(), from, packet.sourcePort());
    Segment segment = Segment.decode(packet.frame(), packet.transportAt(), packet.endAt());
    TcpSlot slot = slots.get(key);
    if (slot != null && isOver(slot, segment)) {
      remove(slot);
      slot = null;
    }
    if (slot == null) {
      return receiveStranger(key, segment, nowNanos);
    }
    slot.connection().receive(segment, nowNanos);
    want(slot);
    settle(slot);
    return true;
  }

  /// A remembered connection gives way to a new one (RFC 9293, 3.10.7.4).
  private static boolean isOver(TcpSlot slot, Segment segment) {
    return switch (slot.connection().state()) {
      case CLOSED -> true;
      case TIME_WAIT -> segment.has(TcpFlags.SYN) && !segment.has(TcpFlags.ACK | TcpFlags.RST);
      default -> false;
    };
  }

  private boolean receiveStranger(TcpSlot.Key key, Segment segment, long nowNanos) {
    TcpListener listener = listeners.get(key.localPort());
    boolean knocks =
        segment.has(TcpFlags.SYN) && !segment.has(TcpFlags.ACK | TcpFlags.RST | TcpFlags.FIN);
    if (listener == null || !knocks) {
      if (!segment.has(TcpFlags.RST)) {
        send(key, segment.refusal(), nowNanos);
      }
      return false;
    }
    if (!makeRoom()) {
      return false;
    }
    int sequence = sequences.of(key, nowNanos);
    TcpSlot slot =
        slot(
            key, listener, wants -> Connection.accept(Settings.ETHERNET, sequence, segment, wants));
    slots.put(key, slot);
    halfOpen.add(slot);
    want(slot);
    return true;
  }

  private boolean makeRoom() {
    if (halfOpen.size() >= MOST_HALF_OPEN) {
      remove(first(halfOpen));
    }
    return forgetOne();
  }

  /// With too many connections, forgets the oldest that is only remembered.
  ///
  /// @return whether there is room
  private boolean forgetOne() {
    if (slots.size() >= MOST_CONNECTIONS) {
      TcpSlot oldest = remembered.poll();
      if (oldest != null) {
        slots.remove(oldest.key(), oldest);
      }
    }
    return slots.size() < MOST_CONNECTIONS;
  }

  private static TcpSlot first(Set<TcpSlot> of) {
    Iterator<TcpSlot> slots = of.iterator();
    return slots.next();
  }

  private void remove(TcpSlot slot) {
    slots.remove(slot.key(), slot);
    halfOpen.remove(slot);
    remembered.remove(slot);
  }

  /// Moves a connection on to where its state belongs.
  private void settle(TcpSlot slot) {
    State state = slot.connection().state();
    if (state == State.CLOSED) {
      remove(slot);
      return;
    }
    if (state == State.TIME_WAIT && slot.remember()) {
      remembered.add(slot);
    }
    if (state != State.SYN_RECEIVED && slot.listener() != null && !slot.isSettled()) {
      slot.settle();
      halfOpen.remove(slot);
      if (!slot.listener().offer(new TcpSocket(this, slot))) {
        slot.connection().abort("too many connections wait");
      }
    }
  }

  /// Sends what connections have to send, each a little at a time.
  ///
  /// @return whether there was anything to do
  boolean send(long nowNanos) {
    for (int i = 0; i < TURN; i++) {
      TcpSlot slot = wanting.poll();
      if (slot == null) {
        return i > 0;
      }
      slot.taken();
      List<Segment> segments = slot.connection().send(nowNanos);
      for (Segment segment : segments) {
        send(slot.key(), segment, nowNanos);
      }
      if (Connection.isPerhapsMore(segments)) {
        want(slot);
      }
      counters.resent(slot.resentSince());
      settle(slot);
      deadlineNanos = Math.min(deadlineNanos, slot.connection().deadlineNanos());
    }
    return true;
  }

  boolean isIdle() {
    return wanting.isEmpty();
  }

  private void send(TcpSlot.Key key, Segment segment, long nowNanos) {
    ByteBuffer frame = ip.frame(Protocol.TCP, key.remote(), segment.bytes());
    segment.encode(frame, key.localPort(), key.remotePort());
    frame.putShort(Ipv4Layer.PAYLOAD_AT + 16, (short) Ipv4Layer.checksum(frame));
    ip.send(frame, nowNanos);
  }

  /// Does what is due.
  void tick(long nowNanos) {
    if (nowNanos < deadlineNanos) {
      return;
    }
    long earliest = Long.MAX_VALUE;
    for (TcpSlot slot : slots.values()) {
      Connection connection = slot.connection();
      if (connection.deadlineNanos() <= nowNanos) {
        connection.tick(nowNanos);
        want(slot);
      } else {
        earliest = Math.min(earliest, connection.deadlineNanos());
      }
    }
    deadlineNanos = earliest;
  }

  /// When [#tick] has something to do next.
  long deadlineNanos() {
    return deadlineNanos;
  }

  /// The host goes: all connections end, and the peers are told as far as that is possible.
  void end() {
    for (TcpSlot slot : slots.values()) {
      slot.connection().abort("the host is closed");
    }
  }
}
