package dev.portcullis.devices.virtio;

import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The device's side of a split virtqueue. Used by one thread.
///
/// A chain has at most as many descriptors as the queue, those of an indirect table included, so a
/// loop is found after that many.
///
/// @virtio 2.7 Split Virtqueues
public final class SplitQueue {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int DESCRIPTOR_BYTES = 16;
  private static final int NEXT = 1;
  private static final int WRITE = 2;
  private static final int INDIRECT = 4;
  private static final int NO_INTERRUPT = 1;

  /// What is in the queue.
  public enum Look {
    NOTHING,
    CHAIN,
    /// The rings contradict themselves.
    BROKEN,
    /// A DMA was blocked.
    UNREACHABLE
  }

  /// Whether the driver wants to hear of what is used.
  public enum Signal {
    WANTED,
    UNWANTED,
    UNREACHABLE
  }

  /// Where the driver has put a queue, and how they agreed to talk.
  ///
  /// @param size descriptors, a power of two
  /// @param descriptors address of the descriptor table
  /// @param available address of the ring the driver writes
  /// @param used address of the ring the device writes
  public record Place(
      int size, long descriptors, long available, long used, Events events, Tables tables) {}

  /// How one side tells the other when to call.
  public enum Events {
    FLAGS,
    INDEX
  }

  /// Whether a descriptor may refer to a table of others.
  public enum Tables {
    DIRECT,
    INDIRECT
  }

  private final UpstreamPort port;
  private final Place place;
  private final MemorySegment word = Arena.ofAuto().allocate(DESCRIPTOR_BYTES, 16);
  private int available;
  private int used;
  private int announced;

  public SplitQueue(UpstreamPort port, Place place) {
    this.port = port;
    this.place = place;
  }

  /// A chain to fetch into.
  public Chain chain() {
    return new Chain(place.size());
  }

  /// Most chains there can be at once.
  public int size() {
    return place.size();
  }

  /// Where the queue stands, for [#rewind].
  public int position() {
    return available;
  }

  /// Gives chains back that were fetched after `position` and not used.
  public void rewind(int position) {
    available = position;
  }

  private boolean fetch(long address, int lengthBytes) {
    return port.read(address, word, 0, lengthBytes).isSuccess();
  }

  /// Fetches the next chain, if there is one, into `chain`.
  public Look next(Chain chain) {
    if (!fetch(place.available() + 2, 2)) {
      return Look.UNREACHABLE;
    }
    int waiting = word.get(SHORT, 0) - available & 0xffff;
    if (waiting == 0) {
      return Look.NOTHING;
    }
    if (waiting > place.size()) {
      return Look.BROKEN;
    }
    VarHandle.acquireFence();
    if (!fetch(place.available() + 4 + 2L * (available & place.size() - 1), 2)) {
      return Look.UNREACHABLE;
    }
    int head = word.get(SHORT, 0) & 0xffff;
    chain.begin(head);
    Look found = walk(chain, place.descriptors(), place.size(), head);
    if (found == Look.CHAIN) {
      available = available + 1 & 0xffff;
    }
    return found;
  }

  /// Follows a chain in a table of `entries` descriptors; one of them may lead to another table,
  /// which leads to none.
  private Look walk(Chain chain, long firstTable, long firstEntries, int head) {
    long table = firstTable;
    long entries = firstEntries;
    boolean inner = false;
    int index = head;
    for (int steps = 0; steps <= place.size(); steps++) {
      if (index >= entries) {
        return Look.BROKEN;
      }
      if (!fetch(table + (long) index * DESCRIPTOR_BYTES, DESCRIPTOR_BYTES)) {
        return Look.UNREACHABLE;
      }
      long address = word.get(LONG, 0);
      long lengthBytes = word.get(INT, 8) & 0xffff_ffffL;
      int flags = word.get(SHORT, 12) & 0xffff;
      index = word.get(SHORT, 14) & 0xffff;
      if ((flags & INDIRECT) != 0) {
        if (inner || !isTable(lengthBytes, flags)) {
          return Look.BROKEN;
        }
        inner = true;
        table = address;
        entries = lengthBytes / DESCRIPTOR_BYTES;
        index = 0;
      } else if (!chain.add(address, lengthBytes, (flags & WRITE) != 0)) {
        return Look.BROKEN;
      } else if ((flags & NEXT) == 0) {
        return Look.CHAIN;
      }
    }
    return Look.BROKEN;
  }

  private boolean isTable(long lengthBytes, int flags) {
    return place.tables() == Tables.INDIRECT
        && (flags & NEXT) == 0
        && lengthBytes != 0
        && lengthBytes % DESCRIPTOR_BYTES == 0;
  }

  /// Puts a chain into the used ring; the driver sees it after [#publish].
  ///
  /// @return whether memory could be reached
  public boolean use(Chain chain, long writtenBytes) {
    word.set(INT, 0, chain.head());
    word.set(INT, 4, (int) writtenBytes);
    long at = place.used() + 4 + 8L * (used & place.size() - 1);
    used = used + 1 & 0xffff;
    return port.write(at, word, 0, 8).isSuccess();
  }

  /// Shows the driver what was used since the last time.
  public Signal publish() {
    if (used == announced) {
      return Signal.UNWANTED;
    }
    VarHandle.releaseFence();
    word.set(SHORT, 0, (short) used);
    if (!port.write(place.used() + 2, word, 0, 2).isSuccess()) {
      return Signal.UNREACHABLE;
    }
    VarHandle.fullFence();
    int before = announced;
    announced = used;
    boolean byIndex = place.events() == Events.INDEX;
    if (!fetch(place.available() + (byIndex ? 4 + 2L * place.size() : 0), 2)) {
      return Signal.UNREACHABLE;
    }
    int said = word.get(SHORT, 0) & 0xffff;
    boolean wanted =
        byIndex
            ? (used - said - 1 & 0xffff) < (used - before & 0xffff)
            : (said & NO_INTERRUPT) == 0;
    return wanted ? Signal.WANTED : Signal.UNWANTED;
  }

  /// Asks to be told of the next chain. What came before must be looked for again afterwards.
  ///
  /// @return whether memory could be reached
  public boolean askForNotice() {
    if (place.events() == Events.INDEX) {
      word.set(SHORT, 0, (short) available);
      if (!port.write(place.used() + 4 + 8L * place.size(), word, 0, 2).isSuccess()) {
        return false;
      }
    }
    VarHandle.fullFence();
    return true;
  }
}
