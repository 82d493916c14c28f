package dev.portcullis.vmm.filter;

import dev.portcullis.net.packet.Checksum;
import dev.portcullis.vmm.filter.rule.Field;
import dev.portcullis.vmm.filter.rule.Value;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/// A frame under construction, and what each field of it is: told by who writes it, not by who
/// parses it.
public final class Sketch {
  public static final long USER = 0x0200_0000_000aL;
  public static final long SERVER = 0x0200_0000_000bL;

  private final Map<Field, Value> values = new EnumMap<>(Field.class);
  private final ByteBuffer bytes = ByteBuffer.allocate(256);
  private int tcpFlags = -1;
  private int networkAt;

  private Sketch(long from, long to) {
    bytes.putShort((short) (to >>> 32)).putInt((int) to);
    bytes.putShort((short) (from >>> 32)).putInt((int) from);
    set(Field.ETHER_SOURCE, from);
    set(Field.ETHER_DESTINATION, to);
    boolean many = (to >>> 40 & 1) != 0;
    set(Field.PACKET_TYPE, to == 0xffff_ffff_ffffL ? 1 : many ? 2 : 3);
  }

  /// A frame between two stations.
  public static Sketch between(long from, long to) {
    return new Sketch(from, to);
  }

  private Sketch set(Field field, long value) {
    values.put(field, Value.of(value));
    return this;
  }

  /// Puts a tag in.
  public Sketch tag(int priority, int id) {
    bytes.putShort((short) 0x8100).putShort((short) (priority << 13 | id));
    set(Field.ETHER_TYPE, 0x8100);
    return set(Field.VLAN_PRIORITY, priority);
  }

  private void type(int type) {
    if (values.containsKey(Field.VLAN_PRIORITY)) {
      set(Field.VLAN_TYPE, type);
    } else {
      set(Field.ETHER_TYPE, type);
    }
    set(Field.PROTOCOL, type);
    bytes.putShort((short) type);
    networkAt = bytes.position();
  }

  /// Something that nobody knows.
  public Sketch text(int type) {
    type(type);
    bytes.putInt(0xcafe);
    return this;
  }

  public Sketch arp(int operation, long fromIp, long toIp) {
    type(0x0806);
    bytes.putLong(0x0001_0800_0604_0000L | operation);
    long from = values.get(Field.ETHER_SOURCE).low();
    bytes.putShort((short) (from >>> 32)).putInt((int) from).putInt((int) fromIp);
    bytes.putShort((short) 0).putInt(0).putInt((int) toIp);
    set(Field.ARP_OPERATION, operation).set(Field.ARP_SENDER_MAC, from);
    return set(Field.ARP_SENDER_IP, fromIp)
        .set(Field.ARP_TARGET_MAC, 0)
        .set(Field.ARP_TARGET_IP, toIp);
  }

  public Sketch ip(long from, long to, int protocol, int ttl) {
    type(0x0800);
    bytes.putInt(0x4500_0000).putInt(0).put((byte) ttl).put((byte) protocol).putShort((short) 0);
    bytes.putInt((int) from).putInt((int) to);
    set(Field.IP_SOURCE, from).set(Field.IP_DESTINATION, to).set(Field.IP_TTL, ttl);
    return set(Field.IP_PROTOCOL, protocol).set(Field.L4_PROTOCOL, protocol);
  }

  public Sketch ip6(Value from, Value to, int protocol, int hops) {
    type(0x86dd);
    bytes.putInt(0x6000_0000).putShort((short) 0).put((byte) protocol).put((byte) hops);
    bytes.putLong(from.high()).putLong(from.low()).putLong(to.high()).putLong(to.low());
    values.put(Field.IP6_SOURCE, from);
    values.put(Field.IP6_DESTINATION, to);
    set(Field.IP6_NEXT_HEADER, protocol).set(Field.IP6_HOP_LIMIT, hops);
    return set(Field.L4_PROTOCOL, protocol);
  }

  public Sketch tcp(int from, int to, int flags) {
    bytes.putShort((short) from).putShort((short) to).putInt(1000).putInt(2000);
    bytes.put((byte) 0x50).put((byte) flags).putShort((short) 100).putInt(0);
    tcpFlags = flags;
    set(Field.TCP_SOURCE, from).set(Field.TCP_DESTINATION, to);
    return set(Field.ANY_SOURCE, from).set(Field.ANY_DESTINATION, to);
  }

  public Sketch udp(int from, int to) {
    bytes.putShort((short) from).putShort((short) to).putShort((short) 8).putShort((short) 0);
    set(Field.UDP_SOURCE, from).set(Field.UDP_DESTINATION, to);
    return set(Field.ANY_SOURCE, from).set(Field.ANY_DESTINATION, to);
  }

  public Sketch icmp(int type, int code, int id) {
    bytes.put((byte) type).put((byte) code).putShort((short) 0).putShort((short) id);
    bytes.putShort((short) 1);
    boolean six = values.containsKey(Field.IP6_SOURCE);
    set(six ? Field.ICMPV6_TYPE : Field.ICMP_TYPE, type);
    return set(six ? Field.ICMPV6_CODE : Field.ICMP_CODE, code);
  }

  /// Bytes that are quoted, or data.
  public Sketch data(byte[] data) {
    bytes.put(data);
    return this;
  }

  /// What each field is; those that the frame does not have are left out.
  public Map<Field, Value> values() {
    Map<Field, Value> all = new EnumMap<>(values);
    all.put(Field.LENGTH, Value.of(bytes.position() - networkAt));
    return all;
  }

  /// -1 without TCP.
  public int tcpFlags() {
    return tcpFlags;
  }

  /// The packet without what is before it, as errors quote it.
  public byte[] packet() {
    byte[] frame = frame();
    return Arrays.copyOfRange(frame, networkAt, frame.length);
  }

  /// The frame, lengths and the checksum of the IP header filled in.
  public byte[] frame() {
    byte[] frame = Arrays.copyOf(bytes.array(), bytes.position());
    ByteBuffer out = ByteBuffer.wrap(frame);
    if (values.containsKey(Field.IP_SOURCE)) {
      out.putShort(networkAt + 2, (short) (frame.length - networkAt));
      out.putShort(networkAt + 10, (short) 0);
      out.putShort(networkAt + 10, (short) Checksum.finish(Checksum.add(0, frame, networkAt, 20)));
    } else if (values.containsKey(Field.IP6_SOURCE)) {
      out.putShort(networkAt + 4, (short) (frame.length - networkAt - 40));
    }
    return frame;
  }
}
