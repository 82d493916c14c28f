package dev.portcullis.driver.table;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.driver.port.TableMemory;

/// Pages for tables, and words in them that the unit sees as soon as they are written.
public final class TableWriter {
  private final TableMemory memory;
  private final PageAllocator pages;
  private final Coherency coherency;

  /// How the unit reads these tables.
  public enum Coherency {
    /// It looks into the processor's caches.
    SNOOPED,
    /// It reads memory: cache lines must be written back.
    FLUSHED
  }

  public TableWriter(TableMemory memory, PageAllocator pages, Coherency coherency) {
    this.memory = memory;
    this.pages = pages;
    this.coherency = coherency;
  }

  /// Fresh pages side by side, all zero.
  long newTable(int pageCount) throws DriverException {
    long table = pages.allocate(pageCount);
    long bytes = (long) pageCount * PageAllocator.PAGE_BYTES;
    memory.fill(table, bytes, (byte) 0);
    flush(table, bytes);
    return table;
  }

  void free(long table, int pageCount) {
    pages.free(table, pageCount);
  }

  long read(long hpa) throws DriverException {
    return memory.readLong(hpa);
  }

  /// Writes a word, and flushes it where the unit does not snoop.
  void write(long hpa, long value) throws DriverException {
    memory.writeLong(hpa, value);
    flush(hpa, 8);
  }

  /// Writes a word that [#flush] must follow.
  void writeUnflushed(long hpa, long value) throws DriverException {
    memory.writeLong(hpa, value);
  }

  /// Writes 16 bytes in one access, if this memory can.
  boolean writePair(long hpa, long lo, long hi) throws DriverException {
    boolean done = memory.writePair(hpa, lo, hi);
    if (done) {
      flush(hpa, 16);
    }
    return done;
  }

  void flush(long hpa, long lengthBytes) throws DriverException {
    if (coherency == Coherency.FLUSHED) {
      memory.flush(hpa, lengthBytes);
    }
  }
}
