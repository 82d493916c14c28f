package dev.portcullis.devices.net;

import dev.portcullis.devices.queue.PairOffer;
import dev.portcullis.devices.queue.QueueLoad;
import dev.portcullis.devices.queue.QueuePairs;
import dev.portcullis.devices.queue.QueuedFunction;
import dev.portcullis.devices.virtio.SplitQueue;
import dev.portcullis.devices.virtio.VirtioFunction;
import dev.portcullis.devices.wire.Wire;
import dev.portcullis.net.Link;
import dev.portcullis.pci.Sriov;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

/// A virtio network card with up to four pairs of queues: 2n receives, 2n + 1 sends. Behind the
/// pairs comes the queue of commands; behind the first pair if the driver uses no other.
///
/// Each pair has a thread of its own, and so have the commands.
///
/// @virtio 5.1 Network Device
public final class VirtioNet extends VirtioFunction implements QueuedFunction {
  /// Most pairs of queues that a card has.
  public static final int MOST_PAIRS = 4;

  static final long CSUM = 1L;
  static final long GUEST_CSUM = 1L << 1;
  static final long MTU = 1L << 3;
  static final long MAC = 1L << 5;
  static final long HOST_TSO4 = 1L << 11;
  static final long MRG_RXBUF = 1L << 15;
  static final long STATUS = 1L << 16;
  static final long CTRL_VQ = 1L << 17;
  static final long CTRL_RX = 1L << 18;
  static final long CTRL_VLAN = 1L << 19;
  static final long MQ = 1L << 22;
  static final long CTRL_MAC_ADDR = 1L << 23;
  static final long SR_IOV = 1L << 37;

  private static final int MTU_BYTES = 1500;
  private static final int LINK_UP = 1;
  private static final int CONFIG_BYTES = 12;
  private static final int NETWORK_CONTROLLER = 0x02_00_00;
  private static final long ALWAYS =
      CSUM
          | GUEST_CSUM
          | MTU
          | MAC
          | HOST_TSO4
          | MRG_RXBUF
          | STATUS
          | CTRL_VQ
          | CTRL_RX
          | CTRL_VLAN
          | CTRL_MAC_ADDR;

  private final long mac;
  private final PairOffer pairs;
  private final Link wire;
  private final Counters counters = new Counters();
  private volatile ReceiveFilter filter;
  private volatile Work work;

  /// A card with one pair of queues.
  ///
  /// @param mac address, 48 bits, the first byte on the wire highest
  public VirtioNet(long mac, Link wire) {
    this(mac, 1, wire);
  }

  /// @param mac address, 48 bits, the first byte on the wire highest
  /// @param pairs of queues, 1 to [#MOST_PAIRS]
  public VirtioNet(long mac, int pairs, Link wire) {
    this(mac, QueuePairs.of(pairs), wire);
  }

  /// @param mac address, 48 bits, the first byte on the wire highest
  /// @param pairs of queues, [#MOST_PAIRS] at most
  public VirtioNet(long mac, QueuePairs pairs, Link wire) {
    this(mac, pairs, wire, List.of());
  }

  /// @param virtual where its virtual functions are, if it has any
  VirtioNet(long mac, QueuePairs pairs, Link wire, List<Sriov> virtual) {
    super(
        new Kind(
            1,
            NETWORK_CONTROLLER,
            ALWAYS | (pairs.most() > 1 ? MQ : 0) | (virtual.isEmpty() ? 0 : SR_IOV),
            2 * pairs.most() + 1,
            CONFIG_BYTES),
        virtual);
    if (pairs.most() > MOST_PAIRS) {
      throw new IllegalArgumentException("pairs of queues: " + pairs.most());
    }
    this.mac = mac;
    this.pairs = new PairOffer(pairs);
    this.wire = wire;
    filter = ReceiveFilter.initial(mac, false);
    wire.connect(this::receive);
  }

  /// What has happened since the card was made.
  public Statistics statistics() {
    return counters.statistics();
  }

  /// Frames that come while nobody listens are lost, as on any wire.
  private void receive(byte[] frame) {
    Work listening = work;
    if (listening == null) {
      counters.dropped();
    } else if (!filter.admits(frame)) {
      counters.filtered();
    } else if (!listening.offer(frame)) {
      counters.dropped();
    }
  }

  @Override
  protected void begin() {
    filter = ReceiveFilter.initial(mac, isAccepted(CTRL_VLAN));
    Work beginning = new Work();
    work = beginning;
    beginning.start();
  }

  @Override
  protected void end() {
    Optional.ofNullable(work).ifPresent(Work::stop);
    work = null;
    filter = ReceiveFilter.initial(mac, false);
  }

  @Override
  public void reset() {
    super.reset();
    pairs.reset();
  }

  @Override
  public int mostPairs() {
    return pairs.most();
  }

  @Override
  public int pairs() {
    return pairs.now();
  }

  @Override
  public int pairsAfterReset() {
    return pairs.next();
  }

  @Override
  public void offerAfterReset(int count) {
    pairs.next(count);
  }

  @Override
  public List<QueueLoad> loads() {
    return pairs.loads();
  }

  /// The wire, too, if it leads out of the machine.
  @Override
  public void close() {
    super.close();
    if (wire instanceof Wire outside) {
      outside.close();
    }
  }

  @Override
  protected void notified(int queue) {
    Optional.ofNullable(work).ifPresent(working -> working.wake(queue));
  }

  /// ```
  ///  00 MAC address   06 status: 1 link up   08 most pairs of queues   0a MTU, bytes
  /// ```
  @Override
  protected int configByte(int offset) {
    return switch (offset) {
      case 0, 1, 2, 3, 4, 5 -> (int) (filter.mac() >>> 40 - 8 * offset) & 0xff;
      case 6 -> LINK_UP;
      case 8 -> pairs.now();
      case 10 -> MTU_BYTES & 0xff;
      case 11 -> MTU_BYTES >>> 8;
      default -> 0;
    };
  }

  /// What goes on between DRIVER_OK and the next reset.
  private final class Work implements CardCommands.Card {
    private final int inUse = VirtioNet.this.isAccepted(MQ) ? pairs.now() : 1;
    private final Steering steering = new Steering();
    private final List<Runner> runners = new ArrayList<>();
    private final List<Optional<Receiver>> receivers = new ArrayList<>();
    private final AtomicBoolean failed = new AtomicBoolean();
    private volatile int active = 1;

    Work() {
      for (int pair = 0; pair < inUse; pair++) {
        addPair(pair);
      }
      List<QueueService> commands =
          VirtioNet.this.isAccepted(CTRL_VQ)
              ? queue(2 * inUse).map(this::commands).stream().toList()
              : List.of();
      runners.add(new Runner("virtio-net-commands", commands, this::fail));
    }

    private void addPair(int pair) {
      Optional<Receiver> receiver = queue(2 * pair).map(ring -> receiver(ring, 2 * pair));
      receivers.add(receiver);
      List<QueueService> services = new ArrayList<>();
      queue(2 * pair + 1).map(ring -> sender(ring, pair)).ifPresent(services::add);
      receiver.ifPresent(services::add);
      receiver.ifPresent(unused -> unused.pause(pair >= active));
      runners.add(new Runner("virtio-net-" + pair, services, this::fail));
    }

    private QueueService sender(SplitQueue ring, int pair) {
      Sender.Wiring wiring =
          new Sender.Wiring(
              frame -> send(frame, pair),
              VirtioNet.this.isAccepted(HOST_TSO4),
              counters,
              pairs.counter(pair),
              () -> interrupt(2 * pair + 1));
      return new Sender(port(), ring, wiring);
    }

    private Receiver receiver(SplitQueue ring, int number) {
      Receiver.Manner manner =
          new Receiver.Manner(
              VirtioNet.this.isAccepted(MRG_RXBUF), VirtioNet.this.isAccepted(GUEST_CSUM));
      Receiver.Counts counts = new Receiver.Counts(counters, pairs.counter(number / 2));
      return new Receiver(port(), ring, manner, counts, () -> interrupt(number));
    }

    private QueueService commands(SplitQueue ring) {
      CardCommands commands = new CardCommands(this, this::activate);
      return new Control(port(), ring, commands, () -> interrupt(2 * inUse));
    }

    private void send(byte[] frame, int pair) {
      if (inUse > 1) {
        steering.note(frame, pair);
      }
      wire.send(frame);
    }

    /// @return whether there was room
    boolean offer(byte[] frame) {
      int wanted = active;
      int pair = wanted == 1 ? 0 : steering.pairFor(frame, wanted);
      Optional<Receiver> receiver = receivers.get(pair);
      boolean taken = receiver.isPresent() && receiver.get().offer(frame);
      runners.get(pair).wake();
      return taken;
    }

    void wake(int queue) {
      runners.get(Math.min(queue / 2, inUse)).wake();
    }

    void start() {
      runners.forEach(Runner::start);
    }

    void stop() {
      runners.forEach(Runner::halt);
      runners.forEach(Runner::stop);
    }

    /// One queue that cannot go on ends the work of all.
    private void fail(Turn turn) {
      if (failed.compareAndSet(false, true)) {
        counters.failed(turn);
        runners.forEach(Runner::halt);
        needReset();
      }
    }

    private boolean activate(int count) {
      if (count < 1 || count > inUse) {
        return false;
      }
      active = count;
      for (int pair = 0; pair < inUse; pair++) {
        boolean still = pair >= count;
        receivers.get(pair).ifPresent(receiver -> receiver.pause(still));
        runners.get(pair).wake();
      }
      return true;
    }

    @Override
    public boolean isAccepted(long feature) {
      return VirtioNet.this.isAccepted(feature);
    }

    @Override
    public void refilter(UnaryOperator<ReceiveFilter> change) {
      filter = change.apply(filter);
    }
  }
}
