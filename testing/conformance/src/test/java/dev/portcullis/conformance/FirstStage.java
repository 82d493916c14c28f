package dev.portcullis.conformance;

import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.spec.table.FirstStageEntry;

/// An address space of a program: first-stage tables of 4 levels. Changes invalidate nothing.
final class FirstStage {
  private static final int LEVELS = 4;
  private static final long READ = 0x25;
  private static final long WRITE = 0x67;

  private final GuestMemory memory;
  private final long root;

  /// Empty.
  FirstStage(GuestMemory memory) {
    this.memory = memory;
    this.root = memory.page();
  }

  long root() {
    return root;
  }

  /// Maps the page of `iova` for users to read and write.
  FirstStage map(long iova, long hpa) {
    memory.writeLong(leaf(iova), hpa | WRITE);
    return this;
  }

  /// Maps the page of `iova` for users to read.
  FirstStage mapToRead(long iova, long hpa) {
    memory.writeLong(leaf(iova), hpa | READ);
    return this;
  }

  void unmap(long iova) {
    memory.writeLong(leaf(iova), 0);
  }

  /// What the entry of the page says.
  FirstStageEntry entry(long iova) {
    return new FirstStageEntry(memory.readLong(leaf(iova)));
  }

  private long leaf(long iova) {
    long table = root;
    for (int level = LEVELS; level > 1; level--) {
      long at = entryAt(table, iova, level);
      if ((memory.readLong(at) & 1) == 0) {
        memory.writeLong(at, memory.page() | WRITE);
      }
      table = memory.readLong(at) & FirstStageEntry.ADDR.mask();
    }
    return entryAt(table, iova, 1);
  }

  private static long entryAt(long table, long iova, int level) {
    return table + 8 * (iova >>> 12 + 9 * (level - 1) & 0x1ff);
  }
}
