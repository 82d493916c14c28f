package dev.portcullis.driver.dmaengine;

import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion.Access;
import java.lang.foreign.Arena;

/// Four MiB of memory at 0, whose pages are handed out once.
final class ProcessMemory implements DmaEngineDriver.Words {
  private static final long PAGE = 4096;
  private static final long BYTES = 1024 * PAGE;

  private final MemoryMap map = new MemoryMap();
  private final Fetched fetched = new Fetched();
  private long next = PAGE;

  ProcessMemory() {
    map.add(new MappedRegion(0, Arena.ofAuto().allocate(BYTES, PAGE), Access.READ_WRITE));
  }

  MemoryMap map() {
    return map;
  }

  /// The address of a page of zeroes.
  long page() {
    return pages(1);
  }

  /// The address of the first of `count` such pages, side by side.
  long pages(int count) {
    long first = next;
    next += count * PAGE;
    return first;
  }

  @Override
  public long read(long hpa) {
    if (!map.fetch64(hpa, fetched)) {
      throw new AssertionError("no memory at %#x".formatted(hpa));
    }
    return fetched.lo;
  }

  @Override
  public void write(long hpa, long value) {
    if (!map.store64(hpa, value)) {
      throw new AssertionError("no memory at %#x".formatted(hpa));
    }
  }
}
