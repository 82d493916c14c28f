package dev.portcullis.guest.virtio;

import dev.portcullis.guest.port.Processor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// The driver's side of a split virtqueue in which each entry has one buffer of its own: entry n
/// always is descriptor n. For one thread at a time.
///
/// @virtio 2.7 Split Virtqueues
final class Ring {
  /// The device does not want to be told of what is made available.
  private static final int NO_NOTIFY = 1;

  private static final int MORE_FOLLOW = 1;
  private static final int DEVICE_WRITES = 2;
  private static final int IS_TABLE = 4;
  private static final int NO_INTERRUPT = 1;

  private final Processor processor;
  private final RingLayout layout;
  private final Events events;
  private final boolean[] withDevice;
  private final int number;
  private long doorbell;
  private int available;
  private int published;
  private int seen;
  private int end;

  /// What the device has done with an entry.
  ///
  /// @param entry which
  /// @param bytes how many it says that it has written, 32 bits
  record Used(int entry, long bytes) {}

  /// A buffer, as a descriptor of a table describes it.
  record Part(long buffer, int bytes, Direction direction) {}

  /// Whether a descriptor of a table is its last.
  enum Follows {
    MORE,
    NOTHING
  }

  /// Who writes into the buffers.
  enum Direction {
    TO_DEVICE,
    FROM_DEVICE
  }

  /// How one side tells the other when to call.
  enum Events {
    /// At each change, unless it does not want that.
    FLAGS,
    /// When an index it has named is passed: VIRTIO_F_EVENT_IDX.
    INDEX
  }

  /// An empty ring.
  ///
  /// @param number of the queue
  Ring(Processor processor, RingLayout layout, int number, Events events) {
    this.processor = processor;
    this.layout = layout;
    this.number = number;
    this.events = events;
    this.withDevice = new boolean[layout.entries()];
    MemorySegment zeroes = MemorySegment.ofArray(new byte[(int) layout.bytes()]);
    processor.write(layout.base(), zeroes, 0, zeroes.byteSize());
  }

  /// Says which buffer entry `entry` has.
  void describe(int entry, long buffer, int bytes, Direction direction) {
    long at = layout.descriptors() + 16L * entry;
    processor.store(at, 8, buffer);
    processor.store(at + 8, 4, bytes);
    processor.store(at + 12, 2, direction == Direction.FROM_DEVICE ? DEVICE_WRITES : 0);
  }

  /// Says that entry `entry` is what a table of descriptors describes, see [#part].
  ///
  /// @param parts descriptors in the table
  void describeTable(int entry, long table, int parts) {
    long at = layout.descriptors() + 16L * entry;
    processor.store(at, 8, table);
    processor.store(at + 8, 4, 16L * parts);
    processor.store(at + 12, 2, IS_TABLE);
  }

  /// Writes descriptor `number` of a table; another follows unless it is the last.
  void part(long table, int number, Part part, Follows follows) {
    long at = table + 16L * number;
    int writes = part.direction() == Direction.FROM_DEVICE ? DEVICE_WRITES : 0;
    processor.store(at, 8, part.buffer());
    processor.store(at + 8, 4, part.bytes());
    processor.store(at + 12, 2, writes | (follows == Follows.MORE ? MORE_FOLLOW : 0));
    processor.store(at + 14, 2, number + 1L);
  }

  /// How long the buffer of entry `entry` is this time.
  void resize(int entry, int bytes) {
    processor.store(layout.descriptors() + 16L * entry + 8, 4, bytes);
  }

  void doorbell(long at) {
    doorbell = at;
  }

  /// Asks the device not to interrupt. One that goes by the index does so once every 65,536
  /// entries.
  void suppressInterrupts() {
    if (events == Events.FLAGS) {
      processor.store(layout.available(), 2, NO_INTERRUPT);
    } else {
      processor.store(layout.usedEvent(), 2, seen - 1 & 0xffff);
    }
  }

  /// Asks to be interrupted by the next entry that the device is done with.
  ///
  /// @return whether there is one already, which may not interrupt any more
  boolean awaitInterrupt() {
    if (events == Events.INDEX) {
      processor.store(layout.usedEvent(), 2, seen);
    }
    VarHandle.fullFence();
    return (processor.load(layout.used() + 2, 2) - seen & 0xffff) != 0;
  }

  /// Gives an entry to the device; [#publish] tells it.
  void offer(int entry) {
    withDevice[entry] = true;
    processor.store(layout.available() + 4 + 2L * (available & layout.entries() - 1), 2, entry);
    available = available + 1 & 0xffff;
  }

  /// Has the device find what was offered, and tells it if it wants to be told.
  void publish() {
    int before = published;
    published = available;
    processor.store(layout.available() + 2, 2, available);
    VarHandle.fullFence();
    if (wantsNotice(before)) {
      processor.store(doorbell, 2, number);
    }
  }

  private boolean wantsNotice(int before) {
    if (events == Events.FLAGS) {
      return (processor.load(layout.used(), 2) & NO_NOTIFY) == 0;
    }
    int named = (int) processor.load(layout.availableEvent(), 2);
    return (available - named - 1 & 0xffff) < (available - before & 0xffff);
  }

  /// Takes back the next entry that the device is done with.
  ///
  /// @return `null` if there is none
  /// @throws VirtioException if the device gives back what it does not have
  Used take() throws VirtioException {
    if (seen == end) {
      look();
      if (seen == end) {
        return null;
      }
    }
    long at = layout.used() + 4 + 8L * (seen & layout.entries() - 1);
    long entry = processor.load(at, 4);
    long bytes = processor.load(at + 4, 4);
    if (entry >= layout.entries() || !withDevice[(int) entry]) {
      throw new VirtioException(
          "queue %d: the device gives back entry %d, which it does not have"
              .formatted(number, entry));
    }
    seen = seen + 1 & 0xffff;
    withDevice[(int) entry] = false;
    return new Used((int) entry, bytes);
  }

  private void look() throws VirtioException {
    int index = (int) processor.load(layout.used() + 2, 2);
    int waiting = index - seen & 0xffff;
    if (waiting > layout.entries()) {
      throw new VirtioException(
          "queue %d: the device gives back %d entries at once".formatted(number, waiting));
    }
    end = index;
  }
}
