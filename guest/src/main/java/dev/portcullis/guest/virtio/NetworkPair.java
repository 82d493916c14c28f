package dev.portcullis.guest.virtio;

import dev.portcullis.guest.memory.OutOfMemoryException;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.port.Processor;
import dev.portcullis.guest.virtio.Ring.Direction;
import dev.portcullis.guest.virtio.Ring.Events;
import dev.portcullis.guest.virtio.Ring.Used;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// A pair of a network card's queues, with a buffer for each entry that stays where it is; frames
/// are copied in and out. For one thread at a time.
///
/// ```
///  receive ring | send ring | 256 buffers of 2 KiB to receive | 256 to send
/// ```
///
/// @virtio 5.1 Network Device
final class NetworkPair {
  private static final int MOST_ENTRIES = 256;

  /// In front of each frame; all zeroes when sent: no offloads.
  private static final int HEADER_BYTES = 12;

  private static final int BUFFER_BYTES = 2048;
  private static final int LEAST_FRAME_BYTES = 14;
  private static final int MOST_FRAME_BYTES = BUFFER_BYTES - HEADER_BYTES;

  private static final long RING_BYTES = pages(new RingLayout(0, MOST_ENTRIES).bytes());
  private static final long BUFFERS_BYTES = (long) MOST_ENTRIES * BUFFER_BYTES;
  private static final long BYTES = 2 * (RING_BYTES + BUFFERS_BYTES);

  private final Processor processor;
  private final int number;
  private final long base;
  private final byte[] packet = new byte[BUFFER_BYTES];
  private final Deque<Integer> idle = new ArrayDeque<>(MOST_ENTRIES);
  private Ring receiveRing;
  private Ring sendRing;

  /// @param number of the pair; 0 is the first
  NetworkPair(Processor processor, PageAllocator memory, int number) throws OutOfMemoryException {
    this.processor = processor;
    this.number = number;
    this.base = memory.allocate(BYTES);
  }

  private static long pages(long bytes) {
    return bytes + PageAllocator.PAGE_BYTES - 1 & -PageAllocator.PAGE_BYTES;
  }

  int number() {
    return number;
  }

  private int receiveQueue() {
    return 2 * number;
  }

  private int sendQueue() {
    return 2 * number + 1;
  }

  /// Sets the queues up, empty, and hands them to the device, which is not ready yet.
  ///
  /// @param vector of the receive queue's interrupts
  void enable(VirtioDevice device, int vector, Events events) throws VirtioException {
    RingLayout receive = new RingLayout(base, entries(device, receiveQueue()));
    RingLayout send = new RingLayout(base + RING_BYTES, entries(device, sendQueue()));
    receiveRing = new Ring(processor, receive, receiveQueue(), events);
    for (int entry = 0; entry < receive.entries(); entry++) {
      receiveRing.describe(entry, receiveBuffer(entry), BUFFER_BYTES, Direction.FROM_DEVICE);
      receiveRing.offer(entry);
    }
    sendRing = new Ring(processor, send, sendQueue(), events);
    sendRing.suppressInterrupts();
    idle.clear();
    for (int entry = 0; entry < send.entries(); entry++) {
      sendRing.describe(entry, sendBuffer(entry), 0, Direction.TO_DEVICE);
      idle.add(entry);
    }
    receiveRing.doorbell(device.enable(receiveQueue(), receive, vector));
    sendRing.doorbell(device.enable(sendQueue(), send, VirtioDevice.NO_VECTOR));
  }

  private static int entries(VirtioDevice device, int queue) throws VirtioException {
    int size = device.queueSize(queue);
    if (Integer.bitCount(size) != 1) {
      throw new VirtioException("queue %d: it has %d entries".formatted(queue, size));
    }
    return Math.min(MOST_ENTRIES, size);
  }

  private long receiveBuffer(int entry) {
    return base + 2 * RING_BYTES + (long) entry * BUFFER_BYTES;
  }

  private long sendBuffer(int entry) {
    return base + 2 * RING_BYTES + BUFFERS_BYTES + (long) entry * BUFFER_BYTES;
  }

  /// The device is ready: gives it the receive buffers.
  void begin() {
    receiveRing.publish();
  }

  static boolean isLegal(byte[] frame) {
    return frame.length >= LEAST_FRAME_BYTES && frame.length <= MOST_FRAME_BYTES;
  }

  /// Sends a legal frame.
  ///
  /// @return whether there was room
  /// @throws VirtioException if the device breaks the rules
  boolean send(byte[] frame) throws VirtioException {
    for (Used used = sendRing.take(); used != null; used = sendRing.take()) {
      idle.add(used.entry());
    }
    Integer entry = idle.poll();
    if (entry == null) {
      return false;
    }
    System.arraycopy(frame, 0, packet, HEADER_BYTES, frame.length);
    int bytes = HEADER_BYTES + frame.length;
    processor.write(sendBuffer(entry), MemorySegment.ofArray(packet), 0, bytes);
    sendRing.resize(entry, bytes);
    sendRing.offer(entry);
    sendRing.publish();
    return true;
  }

  /// Takes the frames that have come, at most as many as the queue holds, and gives their buffers
  /// back.
  ///
  /// @param frames where to add them
  /// @return how many buffers came back with a length that no frame has
  /// @throws VirtioException if the device breaks the rules
  int take(List<byte[]> frames) throws VirtioException {
    int malformed = 0;
    int taken = 0;
    Used used = receiveRing.take();
    while (used != null) {
      long bytes = used.bytes() - HEADER_BYTES;
      if (bytes < LEAST_FRAME_BYTES || bytes > MOST_FRAME_BYTES) {
        malformed++;
      } else {
        frames.add(copy(used.entry(), (int) bytes));
      }
      receiveRing.offer(used.entry());
      used = ++taken < MOST_ENTRIES ? receiveRing.take() : null;
    }
    if (taken > 0) {
      receiveRing.publish();
    }
    return malformed;
  }

  private byte[] copy(int entry, int bytes) {
    byte[] frame = new byte[bytes];
    processor.read(
        receiveBuffer(entry) + HEADER_BYTES, MemorySegment.ofArray(frame), 0, frame.length);
    return frame;
  }

  /// Asks to be interrupted by the next frame.
  ///
  /// @return whether there is one already
  boolean awaitInterrupt() {
    return receiveRing.awaitInterrupt();
  }

  /// Gives its memory back.
  void free(PageAllocator memory) {
    memory.free(base, BYTES);
  }
}
