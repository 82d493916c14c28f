package dev.portcullis.differential;

import dev.portcullis.qtest.client.QtestException;
import java.util.HashMap;
import java.util.Map;

/// The tables of a scenario: in the machine's memory, and as the software that wrote them remembers
/// them.
final class Image {
  /// An address without memory, in both machines.
  static final long NOWHERE = 0x3000_0000L;

  private static final long MEMORY_END = 512L << 20;

  static final long TABLES = 0x0100_0000L;
  static final int TABLES_BYTES = 8 << 20;
  static final int PAGE_BYTES = 4096;

  private final Software software;
  private final Map<Long, Long> words = new HashMap<>();
  private long free = TABLES;

  Image(Software software) throws QtestException {
    this.software = software;
    software.fill(TABLES, TABLES_BYTES, 0);
  }

  /// A page of zeroes that nobody has.
  long page() {
    if (free == TABLES + TABLES_BYTES) {
      throw new AssertionError("the scenario wants too many tables");
    }
    free += PAGE_BYTES;
    return free - PAGE_BYTES;
  }

  /// How much of the room for tables is used.
  int usedBytes() {
    return (int) (free - TABLES);
  }

  void write(long address, long value) throws QtestException {
    software.write64(address, value);
    words.put(address, value);
  }

  long read(long address) {
    return words.getOrDefault(address, 0L);
  }

  static boolean isMemory(long address) {
    return address >= 0 && address < MEMORY_END;
  }
}
