package dev.portcullis.guest.pci;

import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.InterruptVector;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.port.Processor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongFunction;

/// A function that was found on the bus.
public final class PciDevice {
  static final int ID = 0x00;
  static final int HEADER_TYPE = 0x0e;

  private static final int COMMAND = 0x04;
  private static final int STATUS = 0x06;
  private static final int CLASS = 0x09;
  private static final int BARS = 0x10;
  private static final int CAPABILITIES = 0x34;
  private static final int BAR_COUNT = 6;

  private static final int MEMORY_SPACE = 1 << 1;
  private static final int BUS_MASTER = 1 << 2;
  private static final int HAS_CAPABILITIES = 1 << 4;

  /// Of the header; 0 is that of functions that are no bridges.
  private static final int LAYOUT = 0x7f;

  private static final int IO_BAR = 1;
  private static final int WIDE_BAR = 1 << 2;
  private static final long BAR_FLAGS = 0xf;
  private static final long LEAST_WINDOW_BYTES = 16;

  private static final int MSIX = 0x11;
  private static final int MSIX_CONTROL = 2;
  private static final int MSIX_TABLE = 4;
  private static final int MSIX_ENABLE = 1 << 15;
  private static final int MSIX_ENTRY_BYTES = 16;

  private static final int EXPRESS = 0x10;
  private static final int EXPRESS_CONTROL = 8;
  private static final int EXPRESS_CAPABILITIES = 4;
  private static final int FUNCTION_LEVEL_RESET = 1 << 15;
  private static final int HAS_FUNCTION_LEVEL_RESET = 1 << 28;
  private static final int RESET_TRIES = 1_000;

  /// A list of capabilities has room for no more than this in 256 bytes.
  private static final int MOST_CAPABILITIES = 48;

  private final Processor processor;
  private final GuestMachine machine;
  private final int at;
  private final long id;
  private final long[] windows = new long[BAR_COUNT];
  private final long[] windowBytes = new long[BAR_COUNT];

  /// @param at its place: device in bits 7 to 3, function in 2 to 0
  PciDevice(GuestMachine machine, int at, long id) {
    this.machine = machine;
    this.processor = machine.processor();
    this.at = at;
    this.id = id;
    Arrays.fill(windows, -1);
  }

  /// Its place: device in bits 7 to 3, function in 2 to 0.
  public int at() {
    return at;
  }

  /// Vendor in bits 15 to 0, device in bits 31 to 16.
  public long id() {
    return id;
  }

  /// Class in bits 23 to 16, subclass in 15 to 8, interface in 7 to 0.
  public int classCode() {
    return (int) (processor.readConfig(at, CLASS, 1) | processor.readConfig(at, CLASS + 1, 2) << 8);
  }

  /// Finds out how large the windows are, gives them places, and opens them.
  ///
  /// @param room finds a place for so many bytes, if there is one
  void place(LongFunction<Optional<Long>> room) {
    writeConfig(COMMAND, 2, readConfig(COMMAND, 2) & ~(MEMORY_SPACE | BUS_MASTER));
    boolean plain = (readConfig(HEADER_TYPE, 1) & LAYOUT) == 0;
    for (int bar = 0; plain && bar < BAR_COUNT; bar++) {
      long flags = readConfig(BARS + 4 * bar, 4) & BAR_FLAGS;
      boolean wide = (flags & WIDE_BAR) != 0 && bar + 1 < BAR_COUNT;
      if ((flags & IO_BAR) == 0) {
        place(bar, wide, room);
      }
      bar += wide ? 1 : 0;
    }
    writeConfig(COMMAND, 2, readConfig(COMMAND, 2) | MEMORY_SPACE);
  }

  private void place(int bar, boolean wide, LongFunction<Optional<Long>> room) {
    writeAddress(bar, wide, -1);
    long low = readConfig(BARS + 4 * bar, 4) & ~BAR_FLAGS;
    long high = wide ? readConfig(BARS + 4 * bar + 4, 4) : 0xffff_ffffL;
    long mask = high << 32 | low;
    if (low == 0 && (!wide || high == 0)) {
      return;
    }
    long bytes = -mask;
    if (bytes < LEAST_WINDOW_BYTES || Long.bitCount(bytes) != 1) {
      return;
    }
    Optional<Long> base = room.apply(bytes);
    if (base.isPresent()) {
      windows[bar] = base.get();
      windowBytes[bar] = bytes;
      writeAddress(bar, wide, base.get());
    }
  }

  private void writeAddress(int bar, boolean wide, long address) {
    writeConfig(BARS + 4 * bar, 4, address);
    if (wide) {
      writeConfig(BARS + 4 * bar + 4, 4, address >>> 32);
    }
  }

  /// Whether its windows still are where they were put: a function that was reset has lost them.
  boolean isPlaced() {
    for (int bar = 0; bar < BAR_COUNT; bar++) {
      if (windows[bar] >= 0
          && (readConfig(BARS + 4 * bar, 4) & ~BAR_FLAGS) != (windows[bar] & 0xffff_fff0L)) {
        return false;
      }
    }
    return (readConfig(COMMAND, 2) & MEMORY_SPACE) != 0;
  }

  /// Guest physical address of window `bar`, if it has one.
  public Optional<Long> window(int bar) {
    return windows[bar] < 0 ? Optional.empty() : Optional.of(windows[bar]);
  }

  /// Length of window `bar` in bytes; 0 if it has none.
  public long windowBytes(int bar) {
    return windowBytes[bar];
  }

  /// Lets it do DMA and send interrupts.
  public void enableBusMaster() {
    writeConfig(COMMAND, 2, readConfig(COMMAND, 2) | BUS_MASTER);
  }

  /// Has it do nothing of its own any more.
  public void disableBusMaster() {
    writeConfig(COMMAND, 2, readConfig(COMMAND, 2) & ~BUS_MASTER);
  }

  /// Where its capabilities with this id are, in the order of the list.
  public List<Integer> capabilities(int wanted) {
    List<Integer> places = new ArrayList<>();
    if ((readConfig(STATUS, 2) & HAS_CAPABILITIES) == 0) {
      return places;
    }
    int place = (int) readConfig(CAPABILITIES, 1) & ~3;
    for (int i = 0; place != 0 && i < MOST_CAPABILITIES; i++) {
      if (readConfig(place, 1) == wanted) {
        places.add(place);
      }
      place = (int) readConfig(place + 1, 1) & ~3;
    }
    return places;
  }

  /// Where its first capability with this id is.
  public OptionalInt capability(int wanted) {
    return capabilities(wanted).stream().mapToInt(Integer::intValue).findFirst();
  }

  /// How many vectors its MSI-X table has; 0 if it has none.
  public int vectors() {
    OptionalInt msix = capability(MSIX);
    return msix.isEmpty() ? 0 : (int) (readConfig(msix.getAsInt() + MSIX_CONTROL, 2) & 0x7ff) + 1;
  }

  /// Has `handler` run whenever the function sends vector `number` of its table.
  ///
  /// @throws PciException if it has no such vector
  public InterruptVector connect(int number, Runnable handler) throws PciException {
    int msix = capability(MSIX).orElseThrow(() -> new PciException(this, "it has no MSI-X"));
    long table = readConfig(msix + MSIX_TABLE, 4);
    int bar = (int) table & 7;
    long offset = (table & ~7L) + (long) number * MSIX_ENTRY_BYTES;
    Optional<Long> window = bar < BAR_COUNT ? window(bar) : Optional.empty();
    if (number < 0
        || number >= vectors()
        || window.isEmpty()
        || offset + MSIX_ENTRY_BYTES > windowBytes[bar]) {
      throw new PciException(this, "it has no interrupt " + number);
    }
    long entry = window.get() + offset;
    InterruptVector vector = machine.interrupts().connect(handler);
    try {
      processor.store(entry + 12, 4, 1);
      processor.store(entry, 4, vector.address() & 0xffff_ffffL);
      processor.store(entry + 4, 4, vector.address() >>> 32);
      processor.store(entry + 8, 4, vector.data());
      processor.store(entry + 12, 4, 0);
    } catch (MachineCheckException gone) {
      vector.close();
      throw new PciException(this, "it is gone");
    }
    writeConfig(msix + MSIX_CONTROL, 2, readConfig(msix + MSIX_CONTROL, 2) | MSIX_ENABLE);
    return vector;
  }

  /// Function Level Reset: it forgets everything, its interrupts included. Its windows are where
  /// they were when this returns.
  ///
  /// @throws PciException if it has none, or does not come back
  public void reset() throws PciException {
    int express =
        capability(EXPRESS).orElseThrow(() -> new PciException(this, "it cannot be reset"));
    if ((readConfig(express + EXPRESS_CAPABILITIES, 4) & HAS_FUNCTION_LEVEL_RESET) == 0) {
      throw new PciException(this, "it cannot be reset");
    }
    int control = express + EXPRESS_CONTROL;
    writeConfig(control, 2, readConfig(control, 2) | FUNCTION_LEVEL_RESET);
    for (int tries = 0; readConfig(ID, 4) != id; tries++) {
      if (tries == RESET_TRIES) {
        throw new PciException(this, "it does not come out of reset");
      }
      Thread.onSpinWait();
    }
    for (int bar = 0; bar < BAR_COUNT; bar++) {
      if (windows[bar] >= 0) {
        boolean wide = (readConfig(BARS + 4 * bar, 4) & WIDE_BAR) != 0;
        writeAddress(bar, wide, windows[bar]);
      }
    }
    writeConfig(COMMAND, 2, readConfig(COMMAND, 2) | MEMORY_SPACE);
  }

  /// Reads its configuration space.
  public long readConfig(int offset, int widthBytes) {
    return processor.readConfig(at, offset, widthBytes);
  }

  /// Writes its configuration space.
  public void writeConfig(int offset, int widthBytes, long value) {
    processor.writeConfig(at, offset, widthBytes, value);
  }

  @Override
  public String toString() {
    return "%02x.%x".formatted(at >> 3, at & 7);
  }
}
