package dev.portcullis.guest.virtio;

import dev.portcullis.guest.port.Processor;
import java.lang.invoke.VarHandle;

/// The driver's side of a split virtqueue in which each entry has one buffer of its own: entry n
/// always is descriptor n. For one thread at a time.
///
/// @virtio 2.7 Split Virtqueues
final class Ring {
  /// The device does not want to be told of what is made available.
  private static final int NO_NOTIFY = 1;

  private static final int DEVICE_WRITES = 2;
  private static final int MORE_FOLLOW = 1;
  private static final int IS_TABLE = 4;
  private static final int NO_INTERRUPT = 1;

  private final Processor processor;
  private final RingLayout layout;
  private final boolean[] withDevice;
  private long doorbell;
  private final int number;
  private int available;
  private int seen;

  /// What the device has done with an entry.
  ///
  /// @param entry which
  /// @param bytes how many it has written
  record Used(int entry, int bytes) {}

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

  /// An empty ring.
  ///
  /// @param number of the queue
  Ring(Processor processor, RingLayout layout, int number) {
    this.processor = processor;
    this.layout = layout;
    this.number = number;
    this.withDevice = new boolean[layout.entries()];
    for (long gpa = layout.base(); gpa < layout.base() + layout.bytes(); gpa += 2) {
      processor.store(gpa, 2, 0);
    }
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

  /// Asks the device not to interrupt.
  void suppressInterrupts() {
    processor.store(layout.available(), 2, NO_INTERRUPT);
  }

  /// Gives an entry to the device; [#publish] tells it.
  void offer(int entry) {
    withDevice[entry] = true;
    processor.store(layout.available() + 4 + 2L * (available & layout.entries() - 1), 2, entry);
    available++;
  }

  /// Has the device find what was offered, and tells it if it wants to be told.
  void publish() {
    processor.store(layout.available() + 2, 2, available & 0xffff);
    VarHandle.fullFence();
    if ((processor.load(layout.used(), 2) & NO_NOTIFY) == 0) {
      processor.store(doorbell, 2, number);
    }
  }

  /// Takes back the next entry that the device is done with.
  ///
  /// @return `null` if there is none
  /// @throws VirtioException if the device gives back what it does not have
  Used take() throws VirtioException {
    int index = (int) processor.load(layout.used() + 2, 2);
    int waiting = index - seen & 0xffff;
    if (waiting == 0) {
      return null;
    }
    long at = layout.used() + 4 + 8L * (seen & layout.entries() - 1);
    long entry = processor.load(at, 4);
    long bytes = processor.load(at + 4, 4);
    if (waiting > layout.entries() || entry >= layout.entries() || !withDevice[(int) entry]) {
      throw new VirtioException(
          "queue %d: the device gives back entry %d, which it does not have"
              .formatted(number, entry));
    }
    seen = seen + 1 & 0xffff;
    withDevice[(int) entry] = false;
    return new Used((int) entry, (int) Math.min(bytes, Integer.MAX_VALUE));
  }
}
