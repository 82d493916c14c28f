package dev.portcullis.vmm.filter.run;

import dev.portcullis.net.packet.Checksum;
import dev.portcullis.net.packet.EtherType;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Packet.Network;
import dev.portcullis.net.packet.Packet.Transport;
import dev.portcullis.net.packet.Protocol;
import dev.portcullis.net.packet.TcpFlags;
import dev.portcullis.vmm.filter.rule.RejectWith;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Makes what tells a sender that its packet was rejected: a TCP segment that resets, or an ICMP
/// error, from the address that the packet was for.
///
/// No answer to what is itself an answer to an error, to what goes to many, or comes from nobody in
/// particular (RFC 1122 3.2.2, RFC 4443 2.4): answers must not multiply.
final class Answers {
  private static final int IPV4_BYTES = 20;
  private static final int IPV6_BYTES = 40;
  private static final int TCP_BYTES = 20;
  private static final int ICMP_BYTES = 8;
  private static final int UNREACHABLE = 3;
  private static final int UNREACHABLE6 = 1;
  private static final int HOPS = 64;

  /// How much of a packet an error quotes, so that it is never a fragment.
  private static final int QUOTE_BYTES = 548;

  private static final int QUOTE6_BYTES = 1280 - IPV6_BYTES - ICMP_BYTES;

  private final Packet packet;
  private final ByteBuffer in;
  private final boolean six;

  private Answers(Packet packet) {
    this.packet = packet;
    this.in = ByteBuffer.wrap(packet.frame());
    this.six = packet.network() == Network.IPV6;
  }

  /// The answer, without a tag, if there is to be one.
  static Optional<byte[]> to(Packet packet, RejectWith with) {
    if (!packet.isIp() || packet.isForMany() || packet.fragmentOffsetBytes() != 0) {
      return Optional.empty();
    }
    Answers answers = new Answers(packet);
    if (!answers.isAnswerable()) {
      return Optional.empty();
    }
    return with == RejectWith.TCP_RESET ? answers.reset() : answers.unreachable(with);
  }

  private boolean isAnswerable() {
    if (six) {
      boolean toMany = packet.ipDestinationHigh() >>> 56 == 0xff;
      boolean fromMany = packet.ipSourceHigh() >>> 56 == 0xff;
      boolean fromNobody = packet.ipSourceHigh() == 0 && packet.ipSourceLow() == 0;
      return !toMany && !fromMany && !fromNobody;
    }
    int headerBytes = (in.get(packet.networkAt()) & 0xf) * 4;
    long sum = Checksum.add(0, packet.frame(), packet.networkAt(), headerBytes);
    // 224.0.0.0 and above are groups, reserved, or all.
    boolean toMany = packet.ipDestinationLow() >>> 24 >= 224;
    boolean fromMany = packet.ipSourceLow() >>> 24 >= 224;
    boolean fromNobody = packet.ipSourceLow() >>> 24 == 0;
    return Checksum.finish(sum) == 0 && !toMany && !fromMany && !fromNobody;
  }

  private Optional<byte[]> reset() {
    int flags = packet.tcpFlags();
    if (packet.transport() != Transport.TCP || (flags & TcpFlags.RST) != 0) {
      return Optional.empty();
    }
    ByteBuffer out = frame(Protocol.TCP, TCP_BYTES);
    int at = out.position();
    out.putShort((short) packet.destinationPort()).putShort((short) packet.sourcePort());
    if ((flags & TcpFlags.ACK) != 0) {
      out.putInt((int) packet.tcpAcknowledgement()).putInt(0);
      out.put((byte) (TCP_BYTES / 4 << 4)).put((byte) TcpFlags.RST);
    } else {
      // SYN and FIN take a number each (RFC 9293 3.5.2).
      int taken = Integer.bitCount(flags & (TcpFlags.SYN | TcpFlags.FIN)) + packet.dataBytes();
      out.putInt(0).putInt((int) packet.tcpSequence() + taken);
      out.put((byte) (TCP_BYTES / 4 << 4)).put((byte) (TcpFlags.RST | TcpFlags.ACK));
    }
    sum(out, at, 16, pseudoHeader(out, at, Protocol.TCP));
    return Optional.of(out.array());
  }

  private Optional<byte[]> unreachable(RejectWith with) {
    if (isIcmpError()) {
      return Optional.empty();
    }
    int quoted = Math.min(packet.ipLengthBytes(), six ? QUOTE6_BYTES : QUOTE_BYTES);
    ByteBuffer out = frame(six ? Protocol.ICMPV6 : Protocol.ICMP, ICMP_BYTES + quoted);
    int at = out.position();
    out.put((byte) (six ? UNREACHABLE6 : UNREACHABLE));
    out.put((byte) (six ? with.icmpv6Code() : with.icmpCode()));
    out.put(at + ICMP_BYTES, packet.frame(), packet.networkAt(), quoted);
    sum(out, at, 2, six ? pseudoHeader(out, at, Protocol.ICMPV6) : 0);
    return Optional.of(out.array());
  }

  /// Whatever is not a question or its answer counts as an error: better silent than twice.
  private boolean isIcmpError() {
    return switch (packet.transport()) {
      case ICMP -> packet.icmpType() != 8 && packet.icmpType() != 0;
      case ICMPV6 -> packet.icmpType() < 128 || packet.icmpType() == 137;
      case TCP, UDP, NONE -> false;
    };
  }

  /// A frame back to the sender, up to where its payload is to be written.
  private ByteBuffer frame(int protocol, int payloadBytes) {
    int headerBytes = six ? IPV6_BYTES : IPV4_BYTES;
    ByteBuffer out = ByteBuffer.allocate(Packet.ETHERNET_BYTES + headerBytes + payloadBytes);
    out.put(packet.frame(), 6, 6).put(packet.frame(), 0, 6);
    out.putShort((short) (six ? EtherType.IPV6 : EtherType.IPV4));
    if (six) {
      out.putInt(0x6000_0000).putShort((short) payloadBytes);
      out.put((byte) protocol).put((byte) HOPS);
      out.putLong(packet.ipDestinationHigh()).putLong(packet.ipDestinationLow());
      out.putLong(packet.ipSourceHigh()).putLong(packet.ipSourceLow());
    } else {
      int at = out.position();
      out.putShort((short) 0x4500).putShort((short) (IPV4_BYTES + payloadBytes)).putInt(0x4000);
      out.put((byte) HOPS).put((byte) protocol).putShort((short) 0);
      out.putInt((int) packet.ipDestinationLow()).putInt((int) packet.ipSourceLow());
      long sum = Checksum.add(0, out.array(), at, IPV4_BYTES);
      out.putShort(at + 10, (short) Checksum.finish(sum));
    }
    return out;
  }

  private long pseudoHeader(ByteBuffer out, int at, int protocol) {
    int addressBytes = six ? 32 : 8;
    return Checksum.add(
        (long) out.capacity() - at + protocol, out.array(), at - addressBytes, addressBytes);
  }

  private static void sum(ByteBuffer out, int at, int checksumAt, long start) {
    long sum = Checksum.add(start, out.array(), at, out.capacity() - at);
    out.putShort(at + checksumAt, (short) Checksum.finish(sum));
  }
}
