package dev.portcullis.devices.net;

import dev.portcullis.devices.virtio.VirtioFunction;
import dev.portcullis.devices.wire.Wire;
import dev.portcullis.net.Link;
import java.util.Optional;

/// A virtio network card with one pair of queues: 0 receives, 1 sends.
///
/// @virtio 5.1 Network Device
public final class VirtioNet extends VirtioFunction {
  static final long CSUM = 1L;
  static final long MTU = 1L << 3;
  static final long MAC = 1L << 5;
  static final long MRG_RXBUF = 1L << 15;
  static final long STATUS = 1L << 16;

  static final int RECEIVE = 0;
  static final int SEND = 1;

  private static final int MTU_BYTES = 1500;
  private static final int LINK_UP = 1;
  private static final int CONFIG_BYTES = 12;
  private static final Kind KIND =
      new Kind(1, 0x02_00_00, CSUM | MTU | MAC | MRG_RXBUF | STATUS, 2, CONFIG_BYTES);

  private final long mac;
  private final Link wire;
  private final Backlog backlog = new Backlog();
  private final Counters counters = new Counters();
  private volatile Worker worker;

  /// @param mac address, 48 bits, the first byte on the wire highest
  public VirtioNet(long mac, Link wire) {
    super(KIND);
    this.mac = mac;
    this.wire = wire;
    wire.connect(this::receive);
  }

  /// What has happened since the card was made.
  public Statistics statistics() {
    return counters.statistics();
  }

  /// Frames that come while nobody listens are lost, as on any wire.
  private void receive(byte[] frame) {
    Worker listening = worker;
    if (listening == null || !backlog.offer(frame)) {
      counters.dropped();
    } else {
      listening.wake();
    }
  }

  @Override
  protected void begin() {
    Worker.Rings rings = new Worker.Rings(queue(RECEIVE), queue(SEND), isAccepted(MRG_RXBUF));
    worker = new Worker(port(), rings, new Worker.Outside(wire, backlog, counters), new Driver());
    worker.start();
  }

  /// What the worker tells the driver.
  private final class Driver implements Worker.Listener {
    @Override
    public void used(int queue) {
      interrupt(queue);
    }

    @Override
    public void failed() {
      needReset();
    }
  }

  @Override
  protected void end() {
    Optional.ofNullable(worker).ifPresent(Worker::stop);
    worker = null;
    backlog.clear();
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
    Optional.ofNullable(worker).ifPresent(Worker::wake);
  }

  /// ```
  ///  00 MAC address   06 status: 1 link up   08 queue pairs (not offered)   0a MTU, bytes
  /// ```
  @Override
  protected int configByte(int offset) {
    return switch (offset) {
      case 0, 1, 2, 3, 4, 5 -> (int) (mac >>> 40 - 8 * offset) & 0xff;
      case 6 -> LINK_UP;
      case 8 -> 1;
      case 10 -> MTU_BYTES & 0xff;
      case 11 -> MTU_BYTES >>> 8;
      default -> 0;
    };
  }
}
