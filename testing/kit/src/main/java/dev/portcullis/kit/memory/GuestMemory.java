package dev.portcullis.kit.memory;

import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion.Access;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Memory of a test machine: RAM at 0, some above 4 GiB, some at 1 TiB, and holes between.
///
/// Pages are handed out from the RAM at 0 and are never given back.
public final class GuestMemory {
  public static final long PAGE = 4096;

  /// RAM at 0 ends here.
  public static final long LOW_BYTES = 4 << 20;

  /// Start of the RAM above 4 GiB.
  public static final long HIGH_BASE = 1L << 32;

  /// Start of the RAM at 1 TiB.
  public static final long FAR_BASE = 1L << 40;

  /// Length of each of the two.
  public static final long BANK_BYTES = 64 * PAGE;

  /// Start of the memory that only software can write: ROM to a bus master.
  public static final long ROM_BASE = 0x2000_0000L;

  /// A page that is no memory.
  public static final long HOLE = 0x3000_0000L;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final MemoryMap map = new MemoryMap();
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment word = arena.allocate(8, 8);
  private final MemorySegment zeroes = arena.allocate(PAGE, 16);
  private final Fetched fetched = new Fetched();
  private final MemorySegment rom = arena.allocate(BANK_BYTES, 16);
  private long next = 16 * PAGE;

  /// All zero.
  public GuestMemory() {
    add(0, LOW_BYTES);
    add(HIGH_BASE, BANK_BYTES);
    add(FAR_BASE, BANK_BYTES);
    map.add(new MappedRegion(ROM_BASE, rom, Access.READ_ONLY));
  }

  private void add(long base, long bytes) {
    map.add(new MappedRegion(base, arena.allocate(bytes, 16), Access.READ_WRITE));
  }

  /// The map a unit is given.
  public MemoryMap map() {
    return map;
  }

  /// The address of a zeroed page that nobody else has.
  public long page() {
    return pages(1);
  }

  /// The address of the first of `count` such pages, side by side.
  public long pages(int count) {
    long hpa = next;
    next += count * PAGE;
    if (next > LOW_BYTES) {
      throw new IllegalStateException("a test machine has no more pages");
    }
    return hpa;
  }

  /// The address of the first of `count` such pages, aligned to `alignment`, a power of two.
  public long pages(int count, long alignment) {
    next = next + alignment - 1 & -alignment;
    return pages(count);
  }

  /// Zeroes the page at `hpa`.
  public void clearPage(long hpa) {
    demand(map.write(hpa, zeroes, 0, PAGE), hpa);
  }

  public long readLong(long hpa) {
    demand(map.fetch64(hpa, fetched), hpa);
    return fetched.lo;
  }

  /// Writes a word, of ROM too.
  public void writeLong(long hpa, long value) {
    if (hpa >= ROM_BASE && hpa < ROM_BASE + BANK_BYTES) {
      rom.set(LONG, hpa - ROM_BASE, value);
      return;
    }
    demand(map.store64(hpa, value), hpa);
  }

  public int readInt(long hpa) {
    demand(map.read(hpa, word, 0, 4), hpa);
    return (int) word.get(LONG, 0);
  }

  public void writeInt(long hpa, int value) {
    demand(map.store32(hpa, value), hpa);
  }

  private static void demand(boolean done, long hpa) {
    if (!done) {
      throw new IllegalArgumentException("no memory at %#x".formatted(hpa));
    }
  }
}
