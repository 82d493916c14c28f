package dev.portcullis.net.host;

import dev.portcullis.net.packet.Checksum;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Protocol;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// ICMP (RFC 792): answers echo requests, sends ours and matches what comes back, and tells who
/// sent a datagram to a port where nobody listens, a hundred times a second at most.
final class IcmpLayer {
  private static final int HEADER_BYTES = 8;
  private static final int ECHO_REPLY = 0;
  private static final int UNREACHABLE = 3;
  private static final int PORT = 3;
  private static final int ECHO_REQUEST = 8;
  private static final int DATA_BYTES = 56;
  private static final int MOST_PER_SECOND = 100;
  private static final long SECOND_NANOS = 1_000_000_000L;

  /// An echo request on its way.
  ///
  /// @param sentNanos when it left
  /// @param answered completed with how long it took
  private record Ping(Ipv4Address to, long sentNanos, CompletableFuture<Long> answered) {}

  private final Ipv4Layer ip;
  private final Map<Integer, Ping> pings = new ConcurrentHashMap<>();
  private int sequence;
  private long secondNanos;
  private int inThisSecond;

  IcmpLayer(Ipv4Layer ip) {
    this.ip = ip;
  }

  /// Takes a message.
  ///
  /// @return whether it was of any use
  boolean receive(Packet packet, long nowNanos) {
    int at = packet.transportAt();
    int bytes = packet.endAt() - at;
    if (bytes < HEADER_BYTES
        || packet.icmpCode() != 0
        || Checksum.finish(Checksum.add(0, packet.frame(), at, bytes)) != 0) {
      return false;
    }
    ByteBuffer message = ByteBuffer.wrap(packet.frame(), at, bytes);
    return switch (packet.icmpType()) {
      case ECHO_REQUEST -> {
        send(Ipv4Layer.source(packet), message.put(at, (byte) ECHO_REPLY), nowNanos);
        yield true;
      }
      case ECHO_REPLY -> answered(Ipv4Layer.source(packet), message.getInt(at + 4), nowNanos);
      default -> false;
    };
  }

  /// Sends a copy of a message, with its checksum made anew.
  private void send(Ipv4Address to, ByteBuffer message, long nowNanos) {
    int bytes = message.remaining();
    ByteBuffer frame = ip.frame(Protocol.ICMP, to, bytes);
    frame.put(message);
    frame.putShort(Ipv4Layer.PAYLOAD_AT + 2, (short) 0);
    long sum = Checksum.add(0, frame.array(), Ipv4Layer.PAYLOAD_AT, bytes);
    frame.putShort(Ipv4Layer.PAYLOAD_AT + 2, (short) Checksum.finish(sum));
    ip.send(frame, nowNanos);
  }

  private boolean answered(Ipv4Address from, int identity, long nowNanos) {
    Ping ping = pings.get(identity);
    if (ping == null || !ping.to.equals(from)) {
      return false;
    }
    return ping.answered.complete(nowNanos - ping.sentNanos);
  }

  /// Sends an echo request; who waits for `answered` says [#forget] in the end.
  void ping(Ipv4Address to, CompletableFuture<Long> answered, long nowNanos) {
    int identity = ++sequence;
    pings.put(identity, new Ping(to, nowNanos, answered));
    ByteBuffer message = ByteBuffer.allocate(HEADER_BYTES + DATA_BYTES);
    message.put(0, (byte) ECHO_REQUEST).putInt(4, identity);
    send(to, message, nowNanos);
  }

  /// Nobody waits for the answer any more.
  void forget(CompletableFuture<Long> answered) {
    pings.values().removeIf(ping -> ping.answered == answered);
  }

  /// Tells the sender of a datagram that nobody listens.
  void portUnreachable(Packet packet, long nowNanos) {
    if (nowNanos - secondNanos >= SECOND_NANOS) {
      secondNanos = nowNanos;
      inThisSecond = 0;
    }
    if (inThisSecond++ >= MOST_PER_SECOND) {
      return;
    }
    int quotedBytes =
        Math.min(
            packet.endAt() - packet.networkAt(), packet.transportAt() + 8 - packet.networkAt());
    ByteBuffer message = ByteBuffer.allocate(HEADER_BYTES + quotedBytes);
    message.put(0, (byte) UNREACHABLE).put(1, (byte) PORT);
    message.put(HEADER_BYTES, packet.frame(), packet.networkAt(), quotedBytes);
    send(Ipv4Layer.source(packet), message, nowNanos);
  }
}
