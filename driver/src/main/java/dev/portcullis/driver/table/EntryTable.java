package dev.portcullis.driver.table;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;
import java.util.BitSet;

/// A table of 128-bit entries, the present bit of each in its low word.
public final class EntryTable {
  private static final int ENTRY_BYTES = 16;

  private final TableWriter writer;
  private final int pages;
  private final long base;
  private final BitSet present = new BitSet();

  /// `entries` entries, none of them present.
  public EntryTable(TableWriter writer, int entries) throws DriverException {
    this.writer = writer;
    this.pages = Math.max(1, entries * ENTRY_BYTES / PageAllocator.PAGE_BYTES);
    this.base = writer.newTable(pages);
  }

  /// Host physical address of the table.
  public long base() {
    return base;
  }

  public boolean isPresent(int index) {
    return present.get(index);
  }

  /// Writes an entry that is not present.
  public void add(int index, long lo, long hi) throws DriverException {
    EntryPair.add(writer, address(index), lo, hi);
    present.set(index);
  }

  /// Replaces a present entry in one access.
  ///
  /// @return whether that was possible; otherwise nothing has happened
  public boolean replace(int index, long lo, long hi) throws DriverException {
    return EntryPair.replace(writer, address(index), lo, hi);
  }

  /// Writes the low word of an entry that is not present from then on.
  public void writeAbsent(int index, long lo) throws DriverException {
    EntryPair.remove(writer, address(index));
    writer.write(address(index), lo);
    present.clear(index);
  }

  /// Makes an entry not present.
  public void remove(int index) throws DriverException {
    EntryPair.remove(writer, address(index));
    present.clear(index);
  }

  private long address(int index) {
    return base + (long) index * ENTRY_BYTES;
  }

  /// Gives the pages back; the unit uses none of them any more.
  public void close() {
    writer.free(base, pages);
  }
}
