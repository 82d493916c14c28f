package dev.portcullis.vmm.iomodel;

import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pio.PioNetworkDriver;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.virtio.NetworkDriver;
import dev.portcullis.net.Link;
import dev.portcullis.vmm.iomodel.Measurement.Work;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleConsumer;
import java.util.zip.CRC32C;

/// Sends frames and awaits them back, so many under way and no more.
final class NetworkTrial implements Trial {
  private static final int HEADER_BYTES = 14;
  private static final int PAYLOAD_BYTES = 1500;
  private static final int FRAME_BYTES = HEADER_BYTES + PAYLOAD_BYTES;

  /// IEEE 802 number for experiments on one's own wire.
  private static final int ETHER_TYPE = 0x88b5;

  private static final int UNDER_WAY = 32;
  private static final long LIMIT_SECONDS = 10;
  private static final long SEED = 2007;
  private static final int PROGRESS_STEP = 256;
  private static final ValueLayout.OfLong STAMP = ValueLayout.JAVA_LONG_UNALIGNED;

  private final Link card;
  private final byte[] mac;
  private final Runnable close;
  private volatile Receiving receiving = new Receiving();

  private NetworkTrial(Link card, byte[] mac, Runnable close) {
    this.card = card;
    this.mac = mac;
    this.close = close;
    card.connect(frame -> receiving.take(frame));
  }

  static Trial on(GuestMachine machine, IoModel model) throws Exception {
    // The host bridge is the first.
    PciDevice device = new PciBus(machine).scan().getLast();
    if (model == IoModel.EMULATED) {
      PioNetworkDriver driver = new PioNetworkDriver(machine, device);
      return new NetworkTrial(driver, driver.mac(), driver::close);
    }
    PageAllocator memory = new PageAllocator(machine.ramBytes());
    NetworkDriver driver = new NetworkDriver(machine, memory, device);
    return new NetworkTrial(driver, driver.mac(), driver::close);
  }

  /// What comes back, on the partition's interrupt thread.
  private static final class Receiving {
    private final Semaphore room = new Semaphore(UNDER_WAY);
    private final CRC32C sum = new CRC32C();

    private void take(byte[] frame) {
      sum.update(frame, HEADER_BYTES, frame.length - HEADER_BYTES);
      room.release();
    }

    private void await(int frames) throws IoModelException, InterruptedException {
      if (!room.tryAcquire(frames, LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IoModelException("frames were lost: none came back for " + LIMIT_SECONDS + " s");
      }
    }
  }

  @Override
  public Work work(long bytes, DoubleConsumer progress)
      throws IoModelException, InterruptedException {
    long frames = Math.max(1, (bytes + PAYLOAD_BYTES - 1) / PAYLOAD_BYTES);
    Receiving now = new Receiving();
    receiving = now;
    CRC32C sent = new CRC32C();
    byte[] pattern = frame();
    for (long i = 0; i < frames; i++) {
      byte[] frame = pattern.clone();
      MemorySegment.ofArray(frame).set(STAMP, HEADER_BYTES, i);
      sent.update(frame, HEADER_BYTES, PAYLOAD_BYTES);
      now.await(1);
      card.send(frame);
      if (i % PROGRESS_STEP == 0) {
        progress.accept((double) i / frames);
      }
    }
    now.await(UNDER_WAY);
    return new Work(2 * frames, 2 * frames * FRAME_BYTES, sent.getValue(), now.sum.getValue());
  }

  private byte[] frame() {
    byte[] frame = new byte[FRAME_BYTES];
    new SplittableRandom(SEED).nextBytes(frame);
    System.arraycopy(mac, 0, frame, 0, mac.length);
    System.arraycopy(mac, 0, frame, mac.length, mac.length);
    // Not ours: the echo comes from there.
    frame[mac.length - 1] ^= 1;
    frame[2 * mac.length] = (byte) (ETHER_TYPE >>> 8);
    frame[2 * mac.length + 1] = (byte) ETHER_TYPE;
    return frame;
  }

  @Override
  public void close() {
    close.run();
  }
}
