package dev.portcullis.devices.pio;

import dev.portcullis.net.Link;
import dev.portcullis.pci.Bar;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.Msix;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.PowerManagement;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A network card with memory of its own, 64 KiB, that software reaches through one register, 16
/// bits at a time, as that of an NE2000.
///
/// ```
///  00 RW data, 16 bits: what is at `address`, which moves on by 2
///  02 RW address, 16 bits, even        04 RW length of the frame to send, 16 bits
///  06 WO command, 8 bits: 1 begin to receive, 2 send, 4 stop
///  08 RW boundary, 8 bits: the first page that software has not done with
///  09 RO current, 8 bits: the page that the next frame goes to
///  0a RW1C cause, 8 bits: 1 a frame has come, 2 one was lost: there was no room
///  10 RO address of the card, 6 bytes, one at a time
/// ```
///
/// Pages have 256 bytes. The frame to send is in pages 0 to 5. Frames that come lie in the ring of
/// the pages behind, each from the start of a page on: the page of the next frame, 0, its length in
/// 16 bits, then the frame. A cause interrupts when it appears: message 0.
public final class PioNic extends PciFunction {
  static final int DATA = 0x00;
  static final int ADDRESS = 0x02;
  static final int LENGTH = 0x04;
  static final int COMMAND = 0x06;
  static final int BOUNDARY = 0x08;
  static final int CURRENT = 0x09;
  static final int CAUSE = 0x0a;
  static final int MAC = 0x10;

  static final int RECEIVE = 1;
  static final int SEND = 2;
  static final int STOP = 4;

  static final int CAME = 1;
  static final int LOST = 2;

  static final int PAGE_BYTES = 256;
  static final int FIRST_PAGE = 6;
  static final int HEADER_BYTES = 4;

  private static final int PAGES = 256;
  private static final int SHORTEST_FRAME = 14;
  private static final int LONGEST_FRAME = 1518;
  private static final int MSIX_TABLE = 0x1000;
  private static final int MSIX_PENDING = 0x1800;
  private static final int WINDOW_BYTES = 0x2000;
  private static final FunctionHeader HEADER =
      FunctionHeader.of(0x1234, 0xd3a3).withClass(0x02_80_00);

  private final long mac;
  private final Link wire;
  private final Msix msix;
  private final byte[] memory = new byte[PAGES * PAGE_BYTES];
  private int address;
  private int length;
  private int boundary = FIRST_PAGE;
  private int current = FIRST_PAGE;
  private int cause;
  private boolean receiving;

  /// @param mac address, 48 bits, the first byte on the wire highest
  public PioNic(long mac, Link wire) {
    this(mac, wire, new Msix(1, 0, MSIX_TABLE, MSIX_PENDING));
  }

  private PioNic(long mac, Link wire, Msix msix) {
    super(
        HEADER,
        List.of(new Bar(0, WINDOW_BYTES, Bar.Width.MEMORY_32)),
        List.of(msix, new PowerManagement()));
    this.mac = mac;
    this.wire = wire;
    this.msix = msix;
    wire.connect(this::receive);
  }

  /// A frame comes out of the wire. One that finds no room is lost, and so is every one while
  /// nobody listens.
  private synchronized void receive(byte[] frame) {
    if (!receiving || frame.length < SHORTEST_FRAME || frame.length > LONGEST_FRAME) {
      return;
    }
    int pages = (HEADER_BYTES + frame.length + PAGE_BYTES - 1) / PAGE_BYTES;
    if (pages >= freePages()) {
      raise(LOST);
      return;
    }
    int next = FIRST_PAGE + (current - FIRST_PAGE + pages) % (PAGES - FIRST_PAGE);
    int at = current * PAGE_BYTES;
    memory[at] = (byte) next;
    memory[at + 1] = 0;
    memory[at + 2] = (byte) frame.length;
    memory[at + 3] = (byte) (frame.length >>> 8);
    int untilEnd = Math.min(frame.length, memory.length - at - HEADER_BYTES);
    System.arraycopy(frame, 0, memory, at + HEADER_BYTES, untilEnd);
    System.arraycopy(frame, untilEnd, memory, FIRST_PAGE * PAGE_BYTES, frame.length - untilEnd);
    current = next;
    raise(CAME);
  }

  /// Pages that software has done with; `current` never comes to stand on `boundary` from behind.
  private int freePages() {
    int used = Math.floorMod(current - boundary, PAGES - FIRST_PAGE);
    return PAGES - FIRST_PAGE - used;
  }

  private void raise(int what) {
    boolean isNew = (cause & what) == 0;
    cause |= what;
    if (isNew) {
      interrupts().raise(0);
    }
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    if (msix.covers(bar, offset)) {
      return msix.readTable(offset, widthBytes);
    }
    return widthBytes == 2 ? readWide((int) offset) : widthBytes == 1 ? readByte((int) offset) : 0;
  }

  private synchronized long readWide(int offset) {
    return switch (offset) {
      case DATA -> takeWord();
      case ADDRESS -> address;
      case LENGTH -> length;
      default -> 0;
    };
  }

  private synchronized long readByte(int offset) {
    return switch (offset) {
      case BOUNDARY -> boundary;
      case CURRENT -> current;
      case CAUSE -> cause;
      case MAC, MAC + 1, MAC + 2, MAC + 3, MAC + 4, MAC + 5 ->
          mac >>> 40 - 8 * (offset - MAC) & 0xff;
      default -> 0;
    };
  }

  private long takeWord() {
    long word = memory[address] & 0xff | (memory[address + 1] & 0xff) << 8;
    moveOn();
    return word;
  }

  /// From the end of the memory to the start of the ring.
  private void moveOn() {
    address += 2;
    if (address == memory.length) {
      address = FIRST_PAGE * PAGE_BYTES;
    }
  }

  /// The wire is told outside of the lock: what it answers may come at once.
  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    if (msix.covers(bar, offset)) {
      msix.writeTable(offset, widthBytes, value);
    } else if (widthBytes == 2) {
      writeWide((int) offset, (int) value & 0xffff);
    } else if (widthBytes == 1) {
      writeByte((int) offset, (int) value & 0xff).ifPresent(wire::send);
    }
  }

  private synchronized void writeWide(int offset, int value) {
    switch (offset) {
      case DATA -> {
        memory[address] = (byte) value;
        memory[address + 1] = (byte) (value >>> 8);
        moveOn();
      }
      case ADDRESS -> address = value & ~1;
      case LENGTH -> length = value;
      default -> {}
    }
  }

  /// @return a frame to send, if that was the command
  private synchronized Optional<byte[]> writeByte(int offset, int value) {
    switch (offset) {
      case BOUNDARY -> boundary = value >= FIRST_PAGE ? value : boundary;
      case CAUSE -> cause &= ~value;
      case COMMAND -> {
        return command(value);
      }
      default -> {}
    }
    return Optional.empty();
  }

  private Optional<byte[]> command(int asked) {
    if (asked == SEND && length >= SHORTEST_FRAME && length <= LONGEST_FRAME) {
      return Optional.of(Arrays.copyOf(memory, length));
    }
    if (asked == RECEIVE) {
      receiving = true;
    } else if (asked == STOP) {
      receiving = false;
      cause = 0;
      boundary = FIRST_PAGE;
      current = FIRST_PAGE;
    }
    return Optional.empty();
  }

  @Override
  public void reset() {
    synchronized (this) {
      command(STOP);
      address = 0;
      length = 0;
      Arrays.fill(memory, (byte) 0);
    }
    super.reset();
  }
}
