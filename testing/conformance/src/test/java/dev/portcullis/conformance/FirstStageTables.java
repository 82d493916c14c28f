package dev.portcullis.conformance;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.memory.GuestMemory;

/// First-stage tables of four levels, raw; their addresses are host physical, or translated by a
/// second stage that leaves them as they are.
///
/// @vtd 9.7 First-Stage Paging Entries
final class FirstStageTables {
  /// Bits of an entry: present, writable, user, accessed.
  static final long USABLE = 7 | 1 << 5;

  private final TestMachine machine;
  private final GuestMemory memory;
  private final long root;

  /// Tables that map nothing.
  FirstStageTables(TestMachine machine) {
    this.machine = machine;
    this.memory = machine.memory();
    this.root = machine.page();
  }

  long root() {
    return root;
  }

  /// Maps the 4-KiB page of `iova`.
  FirstStageTables map(long iova, long hpa) {
    memory.writeLong(address(iova, 1), hpa | USABLE);
    return this;
  }

  /// Where the entry is that `iova` uses at `level`; missing tables above it are made.
  long address(long iova, int level) {
    long table = root;
    for (int above = 4; above > level; above--) {
      long at = table + 8 * index(iova, above);
      if (memory.readLong(at) == 0) {
        memory.writeLong(at, machine.page() | USABLE);
      }
      table = memory.readLong(at) & 0x000f_ffff_ffff_f000L;
    }
    return table + 8 * index(iova, level);
  }

  private static long index(long iova, int level) {
    return iova >>> 3 + 9 * level & 511;
  }
}
