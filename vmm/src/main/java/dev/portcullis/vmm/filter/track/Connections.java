package dev.portcullis.vmm.filter.track;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Packet.Network;
import dev.portcullis.net.packet.Packet.Transport;
import dev.portcullis.net.packet.TcpFlags;
import dev.portcullis.vmm.filter.track.Flow.Phase;
import dev.portcullis.vmm.filter.track.Tracked.Way;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// The connections that packets have opened and the rules have let pass.
///
/// Looking a packet up changes nothing: only packets that passed count, see [#passed]. A TCP
/// connection begins with its first segment; the middle of one that is not known is invalid, so
/// that forgetting connections ends them. There is a bound for all and a share for each port, so
/// that no partition can take the others' room. Later fragments are invalid: nothing is put
/// together again. For any thread.
public final class Connections {
  private static final long SWEEP_NANOS = 1_000_000_000;

  /// How many there may be.
  ///
  /// @param all in total
  /// @param perPort opened by packets that came in by one port
  public record Bounds(int all, int perPort) {
    public static final Bounds USUAL = new Bounds(65_536, 16_384);
  }

  private final Bounds bounds;
  private final LongSupplier nanoClock;
  private final Map<FlowKey, Flow> flows = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> shares = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong sweptNanos;

  /// @param nanoClock as [System#nanoTime]
  public Connections(Bounds bounds, LongSupplier nanoClock) {
    this.bounds = bounds;
    this.nanoClock = nanoClock;
    this.sweptNanos = new AtomicLong(nanoClock.getAsLong() - SWEEP_NANOS);
  }

  /// How many there are.
  public int size() {
    return count.get();
  }

  /// What a packet is to the connections that are known.
  public Tracked lookup(Packet packet, int vlanId) {
    if (!packet.isIp()) {
      return Tracked.without(packet, State.UNTRACKED);
    }
    if (packet.fragmentOffsetBytes() != 0 || packet.protocol() == Packet.ABSENT) {
      return Tracked.without(packet, State.INVALID);
    }
    return switch (packet.transport()) {
      case TCP -> ofTcp(packet, vlanId);
      case UDP -> ofDatagram(packet, vlanId);
      case ICMP, ICMPV6 -> ofIcmp(packet, vlanId);
      case NONE -> ofOther(packet, vlanId);
    };
  }

  private Flow live(FlowKey key) {
    Flow flow = flows.get(key);
    return flow == null || flow.isOver(nanoClock.getAsLong()) ? null : flow;
  }

  private Tracked ofTcp(Packet packet, int vlanId) {
    FlowKey key = FlowKey.of(packet, vlanId);
    int flags = packet.tcpFlags() & (TcpFlags.SYN | TcpFlags.ACK | TcpFlags.RST | TcpFlags.FIN);
    Flow there = live(key);
    FlowKey reversed = key.reversed();
    Flow flow = there == null ? live(reversed) : there;
    boolean opens = flags == TcpFlags.SYN;
    if (flow == null || opens && flow.isEnding()) {
      return opens
          ? new Tracked(packet, State.NEW, key, Way.THERE, null)
          : Tracked.without(packet, State.INVALID);
    }
    Way way = there == null ? Way.BACK : Way.THERE;
    if (flow.isAnswered()) {
      return new Tracked(packet, State.ESTABLISHED, key, way, flow);
    }
    boolean resets = (flags & TcpFlags.RST) != 0;
    if (way == Way.BACK) {
      boolean answers = flags == (TcpFlags.SYN | TcpFlags.ACK);
      return answers || resets
          ? new Tracked(packet, State.ESTABLISHED, key, way, flow)
          : Tracked.without(packet, State.INVALID);
    }
    return opens || resets
        ? new Tracked(packet, State.NEW, key, way, flow)
        : Tracked.without(packet, State.INVALID);
  }

  private Tracked ofDatagram(Packet packet, int vlanId) {
    FlowKey key = FlowKey.of(packet, vlanId);
    Flow there = live(key);
    if (there != null) {
      State state = there.isAnswered() ? State.ESTABLISHED : State.NEW;
      return new Tracked(packet, state, key, Way.THERE, there);
    }
    Flow back = live(key.reversed());
    return back != null
        ? new Tracked(packet, State.ESTABLISHED, key, Way.BACK, back)
        : new Tracked(packet, State.NEW, key, Way.THERE, null);
  }

  private Tracked ofOther(Packet packet, int vlanId) {
    return switch (packet.protocol()) {
      // A header that makes no sense.
      case 1, 6, 17, 58 -> Tracked.without(packet, State.INVALID);
      default -> ofDatagram(packet, vlanId);
    };
  }

  private Tracked ofIcmp(Packet packet, int vlanId) {
    boolean six = packet.network() == Network.IPV6;
    return switch (IcmpKind.of(packet.icmpType(), six)) {
      case REQUEST ->
          packet.icmpEchoId() == Packet.ABSENT
              ? Tracked.without(packet, State.INVALID)
              : ofEchoRequest(packet, vlanId);
      case REPLY -> ofEchoReply(packet, vlanId);
      case ERROR -> ofError(packet, vlanId);
      case NEIGHBOURHOOD -> Tracked.without(packet, State.UNTRACKED);
      case OTHER -> Tracked.without(packet, State.INVALID);
    };
  }

  /// Requests of both sides with one identifier are two connections.
  private Tracked ofEchoRequest(Packet packet, int vlanId) {
    FlowKey key = FlowKey.of(packet, vlanId);
    Flow there = live(key);
    State state = there != null && there.isAnswered() ? State.ESTABLISHED : State.NEW;
    return new Tracked(packet, state, key, Way.THERE, there);
  }

  private Tracked ofEchoReply(Packet packet, int vlanId) {
    FlowKey key = FlowKey.of(packet, vlanId);
    Flow back = live(key.reversed());
    return back == null
        ? Tracked.without(packet, State.INVALID)
        : new Tracked(packet, State.ESTABLISHED, key, Way.BACK, back);
  }

  /// An error is told to who sent what it quotes; one that is told to another is none.
  private Tracked ofError(Packet packet, int vlanId) {
    FlowKey quoted = FlowKey.quotedIn(packet, vlanId);
    boolean toItsSender =
        quoted != null
            && quoted.sourceHigh() == packet.ipDestinationHigh()
            && quoted.sourceLow() == packet.ipDestinationLow();
    boolean known = toItsSender && (live(quoted) != null || live(quoted.reversed()) != null);
    return Tracked.without(packet, known ? State.RELATED : State.INVALID);
  }

  /// Takes note that a packet has passed.
  ///
  /// @param origin the port that it came in by
  /// @return whether it may: not if it opens a connection and there are too many
  public boolean passed(Tracked tracked, String origin) {
    if (tracked.key() == null) {
      return true;
    }
    long now = nanoClock.getAsLong();
    if (tracked.flow() == null && !open(tracked, origin, now)) {
      return false;
    }
    advance(tracked, now);
    return true;
  }

  private boolean open(Tracked tracked, String origin, long now) {
    Flow old = flows.get(tracked.key());
    if (old == null) {
      old = flows.get(tracked.key().reversed());
    }
    if (old != null && (old.isOver(now) || old.isEnding())) {
      remove(tracked.key(), old);
      remove(tracked.key().reversed(), old);
    }
    if (!reserve(origin, now)) {
      return false;
    }
    Flow made = new Flow(origin, firstPhase(tracked.packet()), now);
    Flow faster = flows.putIfAbsent(tracked.key(), made);
    if (faster != null) {
      release(origin);
    }
    tracked.belongsTo(faster == null ? made : faster);
    return true;
  }

  private static Phase firstPhase(Packet packet) {
    return switch (packet.transport()) {
      case TCP -> Phase.OPENING;
      case UDP, ICMP, ICMPV6 -> Phase.ASKED;
      case NONE -> Phase.OTHER;
    };
  }

  private void advance(Tracked tracked, long now) {
    Flow flow = tracked.flow();
    flow.seen(now);
    boolean back = tracked.way() == Way.BACK;
    if (back) {
      flow.answered();
    }
    if (tracked.packet().transport() == Transport.TCP) {
      int flags = tracked.packet().tcpFlags();
      if ((flags & TcpFlags.RST) != 0) {
        flow.enter(Phase.RESET);
      } else if ((flags & TcpFlags.FIN) != 0 && flow.phase() != Phase.RESET) {
        flow.enter(Phase.CLOSING);
      } else if (back && flow.phase() == Phase.OPENING) {
        flow.enter(Phase.OPEN);
      }
    } else if (back && flow.phase() == Phase.ASKED) {
      flow.enter(Phase.ANSWERED);
    }
  }

  private boolean reserve(String origin, long now) {
    AtomicInteger share = shares.computeIfAbsent(origin, port -> new AtomicInteger());
    if (share.get() >= bounds.perPort() || count.get() >= bounds.all()) {
      sweep(now);
    }
    if (share.incrementAndGet() > bounds.perPort()) {
      share.decrementAndGet();
      return false;
    }
    if (count.incrementAndGet() > bounds.all()) {
      release(origin);
      return false;
    }
    return true;
  }

  private void release(String origin) {
    shares.get(origin).decrementAndGet();
    count.decrementAndGet();
  }

  private void remove(FlowKey key, Flow flow) {
    if (flows.remove(key, flow)) {
      release(flow.origin());
    }
  }

  /// Forgets what is over; once a second at most, however many ask for room.
  private void sweep(long now) {
    long last = sweptNanos.get();
    if (now - last >= SWEEP_NANOS && sweptNanos.compareAndSet(last, now)) {
      flows.forEach((key, flow) -> {
        if (flow.isOver(now)) {
          remove(key, flow);
        }
      });
    }
  }
}
