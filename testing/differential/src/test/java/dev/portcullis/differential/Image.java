package dev.portcullis.differential;

import dev.portcullis.qtest.client.QtestException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The tables of a scenario: in the machine's memory, and as the software that wrote them remembers
/// them.
final class Image {
  /// What observations call an entry that a write has passed through.
  static final String WRITTEN = "entry that maps a page written to";

  /// What observations call an entry that only refused requests have met.
  static final String MET = "entry met by refused requests";

  /// An address without memory, in both machines.
  static final long NOWHERE = 0x3000_0000L;

  private static final long MEMORY_END = 512L << 20;

  static final long TABLES = 0x0100_0000L;
  static final int TABLES_BYTES = 8 << 20;
  static final int PAGE_BYTES = 4096;

  private final Software software;
  private final Map<Long, Long> words = new TreeMap<>();
  private final Set<Long> met = new HashSet<>();
  private final Set<Long> written = new HashSet<>();
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

  void write(long address, long value) throws QtestException {
    software.write64(address, value);
    words.put(address, value);
    met.remove(address);
    written.remove(address);
  }

  /// A request that is refused has met the entry at `address`.
  ///
  /// @param flag the one that says that a request has passed through
  void meet(long address, long flag) {
    if ((read(address) & flag) == 0) {
      met.add(address);
    }
  }

  /// A request has passed through the entry at `address`: its flag that says so is due.
  void pass(long address, long flag) {
    words.put(address, read(address) | flag);
    met.remove(address);
  }

  /// A write has passed through the entry at `address`, which maps a page: its flag is due.
  void dirty(long address, long flag) {
    words.put(address, read(address) | flag);
    written.add(address);
  }

  /// Looks at all entries.
  void see() throws QtestException {
    for (long address : words.keySet()) {
      software.seeMemory(
          written.contains(address) ? WRITTEN : met.contains(address) ? MET : "entry", address);
    }
  }

  long read(long address) {
    return words.getOrDefault(address, 0L);
  }

  static boolean isMemory(long address) {
    return address >= 0 && address < MEMORY_END;
  }
}
