package dev.portcullis.memory;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// Physical memory seen through a cache that nothing keeps coherent: a line of 64 bytes that was
/// fetched once is served as it was then, until someone says that it is [#flushed].
///
/// Bulk accesses and writes go to memory as it is, and atomic ones too: they drop the line they
/// touch. A line that lies partly outside memory is not kept. The cache holds [#LINES] lines; one
/// that is displaced is read anew.
///
/// It is slower than [MemoryMap], and takes a lock where that takes none.
public final class StaleMemory extends MemoryMap {
  /// Number of lines that are kept: a power of two.
  public static final int LINES = 4096;

  private static final int LINE_BYTES = 64;

  private final MemoryMap memory;
  private final Line[] lines = new Line[LINES];
  private final Fetched fetched = new Fetched();

  private record Line(long hpa, long[] words) {}

  /// A view of `memory` that has fetched nothing yet.
  public StaleMemory(MemoryMap memory) {
    this.memory = memory;
  }

  /// Software has flushed `lengthBytes` bytes at `hpa`: they are read anew.
  public synchronized void flushed(long hpa, long lengthBytes) {
    if (lengthBytes <= 0) {
      return;
    }
    for (int slot = 0; slot < LINES; slot++) {
      Line line = lines[slot];
      if (line != null && line.hpa - hpa < lengthBytes && hpa - line.hpa < LINE_BYTES) {
        lines[slot] = null;
      }
    }
  }

  /// Everything is read anew.
  public synchronized void forget() {
    Arrays.fill(lines, null);
  }

  @Override
  public synchronized boolean fetch64(long hpa, Fetched into) {
    Line line = line(hpa);
    if (line == null) {
      return memory.fetch64(hpa, into);
    }
    into.lo = line.words[word(hpa)];
    return true;
  }

  @Override
  public synchronized boolean fetch128(long hpa, Fetched into) {
    Line line = line(hpa);
    if (line == null) {
      return memory.fetch128(hpa, into);
    }
    into.lo = line.words[word(hpa)];
    into.hi = line.words[word(hpa) + 1];
    return true;
  }

  private static int word(long hpa) {
    return (int) (hpa & LINE_BYTES - 1) / Long.BYTES;
  }

  private static int slot(long line) {
    return (int) (line / LINE_BYTES) & LINES - 1;
  }

  /// The line of `hpa`, or `null` where it is not all memory.
  private Line line(long hpa) {
    long at = hpa & -LINE_BYTES;
    Line known = lines[slot(at)];
    if (known != null && known.hpa == at) {
      return known;
    }
    long[] words = new long[LINE_BYTES / Long.BYTES];
    for (int i = 0; i < words.length; i += 2) {
      if (!memory.fetch128(at + (long) i * Long.BYTES, fetched)) {
        return null;
      }
      words[i] = fetched.lo;
      words[i + 1] = fetched.hi;
    }
    Line line = new Line(at, words);
    lines[slot(at)] = line;
    return line;
  }

  private synchronized void drop(long hpa) {
    Line line = lines[slot(hpa & -LINE_BYTES)];
    if (line != null && line.hpa == (hpa & -LINE_BYTES)) {
      lines[slot(line.hpa)] = null;
    }
  }

  @Override
  public boolean store32(long hpa, int value) {
    boolean stored = memory.store32(hpa, value);
    drop(hpa);
    return stored;
  }

  @Override
  public boolean store64(long hpa, long value) {
    boolean stored = memory.store64(hpa, value);
    drop(hpa);
    return stored;
  }

  @Override
  public Exchange compareAndSet64(long hpa, long expected, long value) {
    Exchange exchange = memory.compareAndSet64(hpa, expected, value);
    drop(hpa);
    return exchange;
  }

  @Override
  public boolean or64(long hpa, long bits) {
    boolean stored = memory.or64(hpa, bits);
    drop(hpa);
    return stored;
  }

  @Override
  public boolean read(long hpa, MemorySegment to, long toOffset, long lengthBytes) {
    return memory.read(hpa, to, toOffset, lengthBytes);
  }

  @Override
  public boolean write(long hpa, MemorySegment from, long fromOffset, long lengthBytes) {
    boolean written = memory.write(hpa, from, fromOffset, lengthBytes);
    flushed(hpa, lengthBytes);
    return written;
  }

  @Override
  public void add(MemoryRegion region) {
    memory.add(region);
  }

  @Override
  public boolean remove(MemoryRegion region) {
    boolean removed = memory.remove(region);
    flushed(region.base(), region.sizeBytes());
    return removed;
  }

  @Override
  public List<MemoryRegion> regions() {
    return memory.regions();
  }
}
