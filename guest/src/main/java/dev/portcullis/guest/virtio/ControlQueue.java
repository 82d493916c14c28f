package dev.portcullis.guest.virtio;

import dev.portcullis.guest.memory.OutOfMemoryException;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.port.Processor;
import dev.portcullis.guest.virtio.Ring.Direction;
import dev.portcullis.guest.virtio.Ring.Events;
import dev.portcullis.guest.virtio.Ring.Follows;
import dev.portcullis.guest.virtio.Ring.Part;
import java.util.concurrent.TimeUnit;

/// A network card's queue of commands. One at a time, and the driver looks for the answer by
/// itself. For one thread at a time.
///
/// ```
///  0000 ring   0800 class, command, data   0810 answer   0820 table of three descriptors
/// ```
///
/// @virtio 5.1 Network Device
final class ControlQueue {
  private static final int ENTRIES = 4;
  private static final int REQUEST = 0x800;
  private static final int DATA = REQUEST + 2;
  private static final int ANSWER = 0x810;
  private static final int TABLE = 0x820;
  private static final int NO_ANSWER = 0xff;
  private static final int MULTI_QUEUE = 4;
  private static final int USE_PAIRS = 0;
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Processor processor;
  private final long base;
  private Ring ring;

  ControlQueue(Processor processor, PageAllocator memory) throws OutOfMemoryException {
    this.processor = processor;
    this.base = memory.allocate(PageAllocator.PAGE_BYTES);
  }

  /// Sets the queue up, empty, and hands it to the device, which is not ready yet.
  void enable(VirtioDevice device, int number) throws VirtioException {
    if (device.queueSize(number) < ENTRIES) {
      throw new VirtioException("queue %d: there is none for commands".formatted(number));
    }
    RingLayout layout = new RingLayout(base, ENTRIES);
    ring = new Ring(processor, layout, number, Events.FLAGS);
    ring.suppressInterrupts();
    ring.doorbell(device.enable(number, layout, VirtioDevice.NO_VECTOR));
  }

  /// Has the device use so many pairs of queues.
  ///
  /// @return whether it does
  /// @throws VirtioException if it does not answer, or breaks the rules
  boolean usePairs(int count) throws VirtioException {
    processor.store(base + REQUEST, 2, USE_PAIRS << 8 | MULTI_QUEUE);
    processor.store(base + DATA, 2, count);
    processor.store(base + ANSWER, 1, NO_ANSWER);
    long table = base + TABLE;
    ring.part(table, 0, new Part(base + REQUEST, 2, Direction.TO_DEVICE), Follows.MORE);
    ring.part(table, 1, new Part(base + DATA, 2, Direction.TO_DEVICE), Follows.MORE);
    ring.part(table, 2, new Part(base + ANSWER, 1, Direction.FROM_DEVICE), Follows.NOTHING);
    ring.describeTable(0, table, 3);
    ring.offer(0);
    ring.publish();
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (ring.take() == null) {
      if (System.nanoTime() > deadline) {
        throw new VirtioException("the device does not carry out commands");
      }
      Thread.yield();
    }
    return processor.load(base + ANSWER, 1) == 0;
  }

  /// Gives its memory back.
  void free(PageAllocator memory) {
    memory.free(base, PageAllocator.PAGE_BYTES);
  }
}
