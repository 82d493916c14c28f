package dev.portcullis.machine.bus;

import dev.portcullis.memory.MemoryMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Physical addresses as a processor sees them: memory first, then windows, then nobody, who reads
/// as zeroes. For one thread at a time.
///
/// Ranges of bytes go page by page, and where registers are, word by word.
public final class PhysicalBus {
  private static final int PAGE_BYTES = 4096;
  private static final int WORD_BYTES = 8;
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemoryMap memory;
  private final List<Window> fixed = new ArrayList<>();
  private final Supplier<List<Window>> movable;
  private final MemorySegment word = Arena.ofAuto().allocate(WORD_BYTES, WORD_BYTES);

  /// @param movable the windows that software has placed, as they lie now
  public PhysicalBus(MemoryMap memory, Supplier<List<Window>> movable) {
    this.memory = memory;
    this.movable = movable;
  }

  /// Adds a window that stays.
  public void add(Window window) {
    fixed.add(window);
  }

  /// One access of `widthBytes`: 1, 2, 4 or 8.
  public long read(long address, int widthBytes) {
    if (memory.read(address, word, 0, widthBytes)) {
      return word.get(WORD, 0) & mask(widthBytes);
    }
    Window window = find(address, widthBytes);
    return window == null
        ? 0
        : window.target().read(address - window.base(), widthBytes) & mask(widthBytes);
  }

  /// One access of `widthBytes`: 1, 2, 4 or 8.
  public void write(long address, int widthBytes, long value) {
    word.set(WORD, 0, value);
    if (!memory.write(address, word, 0, widthBytes)) {
      Window window = find(address, widthBytes);
      if (window != null) {
        window.target().write(address - window.base(), widthBytes, value & mask(widthBytes));
      }
    }
  }

  private static long mask(int widthBytes) {
    return -1L >>> 64 - 8 * widthBytes;
  }

  private Window find(long address, long lengthBytes) {
    for (Window window : fixed) {
      if (window.contains(address, lengthBytes)) {
        return window;
      }
    }
    for (Window window : movable.get()) {
      if (window.contains(address, lengthBytes)) {
        return window;
      }
    }
    return null;
  }

  private boolean hasWindow(long address, long lengthBytes) {
    return fixed.stream().anyMatch(window -> window.touches(address, lengthBytes))
        || movable.get().stream().anyMatch(window -> window.touches(address, lengthBytes));
  }

  /// Reads bytes.
  public void read(long address, byte[] into) {
    MemorySegment to = MemorySegment.ofArray(into);
    for (long done = 0; done < into.length; ) {
      long at = address + done;
      long step = Math.min(into.length - done, leftInPage(at));
      if (!memory.read(at, to, done, step)) {
        readPiece(at, to.asSlice(done, step));
      }
      done += step;
    }
  }

  private void readPiece(long address, MemorySegment to) {
    to.fill((byte) 0);
    if (!hasWindow(address, to.byteSize())) {
      return;
    }
    for (long done = 0; done < to.byteSize(); ) {
      int width = width(address + done, to.byteSize() - done);
      word.set(WORD, 0, read(address + done, width));
      MemorySegment.copy(word, 0, to, done, width);
      done += width;
    }
  }

  /// Writes `lengthBytes` bytes of `from`, over and over if it is shorter.
  public void write(long address, MemorySegment from, long lengthBytes) {
    for (long done = 0; done < lengthBytes; ) {
      long at = address + done;
      long offset = done % from.byteSize();
      long step = Math.min(Math.min(lengthBytes - done, leftInPage(at)), from.byteSize() - offset);
      if (!memory.write(at, from, offset, step)) {
        writePiece(at, from.asSlice(offset, step));
      }
      done += step;
    }
  }

  private void writePiece(long address, MemorySegment from) {
    if (!hasWindow(address, from.byteSize())) {
      return;
    }
    for (long done = 0; done < from.byteSize(); ) {
      int width = width(address + done, from.byteSize() - done);
      word.set(WORD, 0, 0);
      MemorySegment.copy(from, done, word, 0, width);
      write(address + done, width, word.get(WORD, 0));
      done += width;
    }
  }

  private static long leftInPage(long address) {
    return PAGE_BYTES - (address & PAGE_BYTES - 1);
  }

  /// The widest access that is aligned and asks for no more than is wanted.
  private static int width(long address, long wantedBytes) {
    int width = WORD_BYTES;
    while (width > wantedBytes || (address & width - 1) != 0) {
      width >>= 1;
    }
    return width;
  }
}
