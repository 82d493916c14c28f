package dev.portcullis.guest.virtio;

import dev.portcullis.guest.memory.OutOfMemoryException;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.InterruptVector;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.port.Processor;
import dev.portcullis.guest.virtio.Ring.Direction;
import dev.portcullis.guest.virtio.Ring.Used;
import dev.portcullis.net.Link;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// Drives a virtio network card with one pair of queues: a link that frames are sent to and come
/// from.
///
/// Every buffer is the driver's own and stays where it is; frames are copied in and out. A device
/// that breaks the rules, or says that it needs a reset, is reset and begun with anew.
///
/// @virtio 5.1 Network Device
public final class NetworkDriver implements Link, AutoCloseable {
  /// Vendor and device.
  public static final long ID = 0x1041_1af4L;

  private static final long MAC = 1L << 5;
  private static final int RECEIVE = 0;
  private static final int SEND = 1;
  private static final int ENTRIES = 256;

  /// In front of each frame; all zeroes: no offloads.
  private static final int HEADER_BYTES = 12;

  private static final int BUFFER_BYTES = 2048;
  private static final int MOST_FRAME_BYTES = BUFFER_BYTES - HEADER_BYTES;
  private static final int LEAST_FRAME_BYTES = 14;

  /// A device that breaks the rules more often than that is left alone.
  private static final int MOST_RESETS = 100;

  private static final int CONFIG_VECTOR = 0;
  private static final int RECEIVE_VECTOR = 1;
  private static final int SEND_VECTOR = 2;

  private final Processor processor;
  private final PageAllocator memory;
  private final PciDevice pci;
  private final VirtioDevice device;
  private final List<InterruptVector> vectors = new ArrayList<>();
  private final RingLayout receiveLayout;
  private final RingLayout sendLayout;
  private final long receiveBuffers;
  private final long sendBuffers;
  private final byte[] mac = new byte[6];
  private final Deque<Integer> idle = new ArrayDeque<>(ENTRIES);
  private final LongAdder received = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private volatile Consumer<byte[]> receiver = frame -> {};
  private Ring receiveRing;
  private Ring sendRing;
  private int resets;
  private boolean working;

  /// What has happened since the driver took the card.
  ///
  /// @param dropped frames that could not be sent, and those whose buffer made no sense
  /// @param resets how often the card had to be begun with anew
  public record Counts(long received, long sent, long dropped, int resets) {}

  /// Takes the card and has it work.
  ///
  /// @throws VirtioException if the card lacks what the driver needs
  public NetworkDriver(GuestMachine machine, PageAllocator memory, PciDevice pci)
      throws VirtioException {
    this.processor = machine.processor();
    this.memory = memory;
    this.pci = pci;
    this.device = new VirtioDevice(processor, pci);
    try {
      long bytes = new RingLayout(0, ENTRIES).bytes();
      receiveLayout = new RingLayout(memory.allocate(bytes), ENTRIES);
      sendLayout = new RingLayout(memory.allocate(bytes), ENTRIES);
      receiveBuffers = memory.allocate((long) ENTRIES * BUFFER_BYTES);
      sendBuffers = memory.allocate((long) ENTRIES * BUFFER_BYTES);
      pci.enableBusMaster();
      vectors.add(pci.connect(CONFIG_VECTOR, this::configChanged));
      vectors.add(pci.connect(RECEIVE_VECTOR, this::receive));
    } catch (OutOfMemoryException | PciException e) {
      throw new VirtioException(pci + ": " + e.getMessage(), e);
    }
    begin();
  }

  private synchronized void begin() throws VirtioException {
    working = false;
    device.reset();
    device.negotiate(MAC);
    for (int i = 0; i < mac.length; i++) {
      mac[i] = (byte) device.config(i);
    }
    requireQueue(RECEIVE);
    requireQueue(SEND);
    device.configVector(CONFIG_VECTOR);
    receiveRing = new Ring(processor, receiveLayout, RECEIVE);
    sendRing = new Ring(processor, sendLayout, SEND);
    sendRing.suppressInterrupts();
    idle.clear();
    for (int entry = 0; entry < ENTRIES; entry++) {
      receiveRing.describe(
          entry, buffer(receiveBuffers, entry), BUFFER_BYTES, Direction.FROM_DEVICE);
      sendRing.describe(entry, buffer(sendBuffers, entry), 0, Direction.TO_DEVICE);
      receiveRing.offer(entry);
      idle.add(entry);
    }
    receiveRing.doorbell(device.enable(RECEIVE, receiveLayout, RECEIVE_VECTOR));
    sendRing.doorbell(device.enable(SEND, sendLayout, SEND_VECTOR));
    device.ready();
    receiveRing.publish();
    working = true;
  }

  private void requireQueue(int number) throws VirtioException {
    int size = device.queueSize(number);
    if (size < ENTRIES) {
      throw new VirtioException("%s: queue %d has %d entries".formatted(pci, number, size));
    }
  }

  private static long buffer(long first, int entry) {
    return first + (long) entry * BUFFER_BYTES;
  }

  /// The card's address, 6 bytes.
  public byte[] mac() {
    return mac.clone();
  }

  @Override
  public void connect(Consumer<byte[]> to) {
    receiver = to;
  }

  /// Sends a frame, or drops it if the card does not keep up.
  @Override
  public synchronized void send(byte[] frame) {
    if (!working || frame.length > MOST_FRAME_BYTES) {
      dropped.increment();
      return;
    }
    try {
      reclaim();
    } catch (VirtioException e) {
      restart();
    }
    Integer entry = idle.poll();
    if (entry == null || !working) {
      dropped.increment();
      return;
    }
    byte[] packet = new byte[HEADER_BYTES + frame.length];
    System.arraycopy(frame, 0, packet, HEADER_BYTES, frame.length);
    processor.write(buffer(sendBuffers, entry), MemorySegment.ofArray(packet), 0, packet.length);
    sendRing.resize(entry, packet.length);
    sendRing.offer(entry);
    try {
      sendRing.publish();
      sent.increment();
    } catch (MachineCheckException gone) {
      working = false;
      dropped.increment();
    }
  }

  private void reclaim() throws VirtioException {
    for (Used used = sendRing.take(); used != null; used = sendRing.take()) {
      idle.add(used.entry());
    }
  }

  /// Frames are handed on outside of the lock: whoever takes them may send.
  private void receive() {
    List<byte[]> frames = takeFrames();
    while (!frames.isEmpty()) {
      frames.forEach(receiver);
      frames = takeFrames();
    }
  }

  private synchronized List<byte[]> takeFrames() {
    List<byte[]> frames = new ArrayList<>();
    if (!working) {
      return frames;
    }
    try {
      Used used = receiveRing.take();
      while (used != null) {
        take(used, frames);
        receiveRing.offer(used.entry());
        used = frames.size() < ENTRIES ? receiveRing.take() : null;
      }
      if (!frames.isEmpty()) {
        receiveRing.publish();
      }
    } catch (VirtioException | MachineCheckException e) {
      restart();
    }
    return frames;
  }

  private void take(Used used, List<byte[]> frames) {
    int bytes = used.bytes() - HEADER_BYTES;
    if (bytes < LEAST_FRAME_BYTES || bytes > MOST_FRAME_BYTES) {
      dropped.increment();
      return;
    }
    byte[] frame = new byte[bytes];
    processor.read(
        buffer(receiveBuffers, used.entry()) + HEADER_BYTES,
        MemorySegment.ofArray(frame),
        0,
        bytes);
    received.increment();
    frames.add(frame);
  }

  private synchronized void configChanged() {
    try {
      if (working && (device.status() & VirtioDevice.NEEDS_RESET) != 0) {
        restart();
      }
    } catch (MachineCheckException gone) {
      working = false;
    }
  }

  /// One that has gone stays so.
  private void restart() {
    working = false;
    if (++resets <= MOST_RESETS) {
      try {
        begin();
      } catch (VirtioException | MachineCheckException e) {
        working = false;
      }
    }
  }

  /// What has happened until now.
  public synchronized Counts counts() {
    return new Counts(received.sum(), sent.sum(), dropped.sum(), resets);
  }

  /// Gives the card and its memory back.
  @Override
  public synchronized void close() {
    working = false;
    try {
      device.reset();
    } catch (VirtioException | MachineCheckException e) {
      // It is broken, or was pulled out: without bus mastering it does nothing more.
    }
    pci.disableBusMaster();
    vectors.forEach(InterruptVector::close);
    memory.free(receiveLayout.base(), receiveLayout.bytes());
    memory.free(sendLayout.base(), sendLayout.bytes());
    memory.free(receiveBuffers, (long) ENTRIES * BUFFER_BYTES);
    memory.free(sendBuffers, (long) ENTRIES * BUFFER_BYTES);
  }
}
