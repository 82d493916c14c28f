package dev.portcullis.net.host;

import dev.portcullis.net.packet.EtherType;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.MacAddress;
import dev.portcullis.net.packet.Packet;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Which station has which address (RFC 826), and the frames that wait to know.
///
/// An answer is believed if it was asked for, or if the address is known already. Stations that ask
/// for us are remembered too, and apart from those, as hints that claim less, the senders of
/// packets. All three tables are bounded, the oldest entry goes. Used by the host's thread alone.
final class ArpTable {
  static final int MOST_ENTRIES = 256;
  static final int MOST_ASKED = 64;
  static final int MOST_WAITING = 64;
  static final int ATTEMPTS = 4;
  static final long RETRY_NANOS = 500_000_000L;
  static final long KEEP_NANOS = 60_000_000_000L;

  private static final int BYTES = 28;
  private static final int REQUEST = 1;
  private static final int REPLY = 2;

  /// An address that is known.
  private record Entry(MacAddress mac, long untilNanos) {}

  /// An address that is being asked for.
  private static final class Question {
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private int attempts;
    private long againNanos;
  }

  private final HostOptions own;
  private final Consumer<byte[]> wire;
  private final Map<Ipv4Address, Entry> known = new LinkedHashMap<>();
  private final Map<Ipv4Address, Entry> hints = new LinkedHashMap<>();
  private final Map<Ipv4Address, Question> asked = new LinkedHashMap<>();

  ArpTable(HostOptions own, Consumer<byte[]> wire) {
    this.own = own;
    this.wire = wire;
  }

  /// Sends a frame whose destination is still to be filled in, now or when it is known.
  void send(byte[] frame, Ipv4Address hop, long nowNanos) {
    Optional<MacAddress> mac = lookup(hop, nowNanos);
    if (mac.isPresent()) {
      mac.get().write(frame, 0);
      wire.accept(frame);
      return;
    }
    Question question = asked.get(hop);
    if (question == null) {
      question = new Question();
      putBounded(asked, hop, question, MOST_ASKED);
      ask(hop, question, nowNanos);
    }
    if (question.waiting.size() == MOST_WAITING) {
      question.waiting.remove();
    }
    question.waiting.add(frame);
  }

  private Optional<MacAddress> lookup(Ipv4Address address, long nowNanos) {
    Entry entry = known.get(address);
    if (entry == null) {
      entry = hints.get(address);
    }
    return entry == null || entry.untilNanos <= nowNanos
        ? Optional.empty()
        : Optional.of(entry.mac);
  }

  private void ask(Ipv4Address address, Question question, long nowNanos) {
    question.attempts++;
    question.againNanos = nowNanos + RETRY_NANOS;
    wire.accept(message(REQUEST, MacAddress.BROADCAST, MacAddress.NONE, address));
  }

  private byte[] message(int operation, MacAddress to, MacAddress target, Ipv4Address about) {
    ByteBuffer out = ByteBuffer.allocate(Packet.ETHERNET_BYTES + BYTES);
    to.write(out.array(), 0);
    own.mac().write(out.array(), 6);
    out.putShort(12, (short) EtherType.ARP);
    out.putLong(14, 0x0001_0800_0604_0000L | operation);
    own.mac().write(out.array(), 22);
    out.putInt(28, own.address().bits());
    target.write(out.array(), 32);
    out.putInt(38, about.bits());
    return out.array();
  }

  /// Takes what an ARP message says, and answers if it asks for us.
  ///
  /// @return whether it was of any use
  boolean receive(Packet packet, long nowNanos) {
    Ipv4Address sender = new Ipv4Address((int) packet.arpSenderIp());
    MacAddress mac = new MacAddress(packet.arpSenderMac());
    boolean sound =
        !mac.isForMany() && !mac.equals(MacAddress.NONE) && !sender.equals(own.address());
    boolean forUs = packet.arpTargetIp() == Integer.toUnsignedLong(own.address().bits());
    boolean asks = forUs && packet.arpOperation() == REQUEST;
    if (!sound) {
      return false;
    }
    boolean wanted = asked.containsKey(sender) || known.containsKey(sender);
    if (sender.isHost() && (wanted || asks)) {
      learn(sender, mac, nowNanos);
    }
    if (asks) {
      wire.accept(message(REPLY, mac, mac, sender));
    }
    return asks || wanted;
  }

  private void learn(Ipv4Address address, MacAddress mac, long nowNanos) {
    known.remove(address);
    putBounded(known, address, new Entry(mac, nowNanos + KEEP_NANOS), MOST_ENTRIES);
    Question answered = asked.remove(address);
    if (answered != null) {
      for (byte[] frame : answered.waiting) {
        mac.write(frame, 0);
        wire.accept(frame);
      }
    }
  }

  /// A packet came from `address`, in a frame from `mac`.
  void hint(Ipv4Address address, MacAddress mac, long nowNanos) {
    if (own.address().isNear(address, own.prefixBits()) && !known.containsKey(address)) {
      hints.remove(address);
      putBounded(hints, address, new Entry(mac, nowNanos + KEEP_NANOS), MOST_ENTRIES);
    }
  }

  private static <V> void putBounded(Map<Ipv4Address, V> map, Ipv4Address key, V value, int most) {
    if (map.size() >= most) {
      Iterator<Ipv4Address> oldest = map.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    map.put(key, value);
  }

  /// Asks again where it is time, or gives up and drops what waited.
  void tick(long nowNanos) {
    List<Ipv4Address> given = new ArrayList<>();
    asked.forEach((address, question) -> {
      if (question.againNanos > nowNanos) {
        return;
      }
      if (question.attempts == ATTEMPTS) {
        given.add(address);
      } else {
        ask(address, question, nowNanos);
      }
    });
    given.forEach(asked::remove);
  }

  /// When `tick` has something to do next.
  long deadlineNanos() {
    long earliest = Long.MAX_VALUE;
    for (Question question : asked.values()) {
      earliest = Math.min(earliest, question.againNanos);
    }
    return earliest;
  }
}
