package dev.portcullis.net.host;

import dev.portcullis.net.Link;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.MacAddress;
import dev.portcullis.net.packet.Packet;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// An IPv4 host at the end of a link.
///
/// Frames that come are queued, so that whoever brings them never waits; one thread takes them,
/// answers them, sends and minds the time. It is the only one that sends, so what is at the other
/// end of the link may answer from within. To interrupt it is to unplug the host.
public final class NetworkHost implements AutoCloseable {
  static final int MOST_FRAMES = 4096;
  private static final int BATCH = 256;

  /// A header, a VLAN tag, the longest packet.
  private static final int MOST_FRAME_BYTES = 18 + Ipv4Layer.MTU_BYTES;

  private final HostOptions options;
  private final Link link;
  private final Work work = new Work();
  private final Counters counters = new Counters();
  private final BlockingQueue<byte[]> inbox = new ArrayBlockingQueue<>(MOST_FRAMES);
  private final Ipv4Layer ip;
  private final IcmpLayer icmp;
  private final UdpLayer udp;
  private final TcpLayer tcp;

  private NetworkHost(HostOptions options, Link link) {
    this.options = options;
    this.link = link;
    this.ip = new Ipv4Layer(options, this::transmit);
    this.icmp = new IcmpLayer(ip);
    this.udp = new UdpLayer(work, ip, icmp, counters);
    this.tcp = new TcpLayer(work, ip, counters);
  }

  /// Attaches a host to a link.
  public static NetworkHost attach(HostOptions options, Link link) {
    NetworkHost host = new NetworkHost(options, link);
    Thread thread = options.threads().newThread(host::run);
    host.work.worker(thread);
    link.connect(host::receive);
    thread.start();
    return host;
  }

  public Ipv4Address address() {
    return options.address();
  }

  public MacAddress mac() {
    return options.mac();
  }

  /// What has happened until now.
  public HostStatistics statistics() {
    return counters.statistics();
  }

  /// Asks a host for an echo.
  ///
  /// @return how long it took; empty if none came in time
  public Optional<Duration> ping(Ipv4Address to, Duration timeout) throws InterruptedException {
    CompletableFuture<Long> answered = new CompletableFuture<>();
    try {
      work.offer(now -> icmp.ping(to, answered, now));
      return Optional.of(answered.get(timeout.toNanos(), TimeUnit.NANOSECONDS))
          .map(Duration::ofNanos);
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new AssertionError("pings do not fail", e);
    } finally {
      work.offer(now -> icmp.forget(answered));
    }
  }

  /// Opens a UDP port.
  ///
  /// @param port 0 for any that is free
  /// @throws IOException if it is taken, or too many are open
  public UdpSocket openUdp(int port) throws IOException {
    return udp.open(port);
  }

  /// Accepts connections to a TCP port.
  ///
  /// @throws IOException if it is taken
  public TcpListener listen(int port) throws IOException {
    return tcp.listen(port);
  }

  /// Opens a connection.
  ///
  /// @throws IOException if it is refused, nobody answers in time, or too many are open
  public TcpSocket connect(Ipv4Address to, int port, Duration timeout)
      throws IOException, InterruptedException {
    return tcp.connect(to, port, timeout);
  }

  /// TCP connections in any state.
  int connections() {
    return tcp.connections();
  }

  private void receive(byte[] frame) {
    if (frame.length <= MOST_FRAME_BYTES && inbox.offer(frame)) {
      work.wake();
    } else {
      counters.overflowed();
    }
  }

  private void transmit(byte[] frame) {
    counters.out();
    link.send(frame);
  }

  private void run() {
    try {
      List<byte[]> batch = new ArrayList<>(BATCH);
      while (work.isOpen() && !Thread.currentThread().isInterrupted()) {
        boolean worked = inbox.drainTo(batch, BATCH) > 0;
        long now = work.nowNanos();
        for (byte[] frame : batch) {
          take(Packet.of(frame), now);
        }
        batch.clear();
        worked |= work.run(BATCH);
        ip.arp().tick(now);
        tcp.tick(now);
        worked |= tcp.send(now);
        if (!worked) {
          rest();
        }
      }
      tcp.end();
      tcp.send(work.nowNanos());
    } finally {
      work.close();
      tcp.end();
    }
  }

  private void take(Packet packet, long nowNanos) {
    counters.in();
    boolean useful;
    if (packet.network() == Packet.Network.ARP) {
      useful = packet.tags() == 0 && ip.arp().receive(packet, nowNanos);
    } else {
      useful = ip.accepts(packet, nowNanos) && takePacket(packet, nowNanos);
    }
    if (!useful) {
      counters.dropped();
    }
  }

  private boolean takePacket(Packet packet, long nowNanos) {
    return switch (packet.transport()) {
      case ICMP -> icmp.receive(packet, nowNanos);
      case UDP -> udp.receive(packet, nowNanos);
      case TCP -> tcp.receive(packet, nowNanos);
      case ICMPV6, NONE -> false;
    };
  }

  private void rest() {
    work.fallAsleep();
    if (inbox.isEmpty() && !work.hasTasks() && tcp.isIdle()) {
      work.sleep(Math.min(ip.arp().deadlineNanos(), tcp.deadlineNanos()));
    } else {
      work.stayAwake();
    }
  }

  /// Unplugs the host: what waits for something of it fails.
  @Override
  public void close() {
    work.close();
  }
}
