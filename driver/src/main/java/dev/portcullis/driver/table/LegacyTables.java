package dev.portcullis.driver.table;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.spec.table.RootEntry;

/// The root table of legacy mode and the context tables below it.
///
/// @vtd 9.1 Root Entry
/// @vtd 9.3 Context Entry
public final class LegacyTables {
  private static final int BUSES = 256;

  private final TableWriter writer;
  private final long root;
  private final long[] contextTables = new long[BUSES];

  public LegacyTables(TableWriter writer) throws DriverException {
    this.writer = writer;
    this.root = writer.newTable(1);
  }

  /// Host physical address of the root table.
  public long root() {
    return root;
  }

  /// Writes the entry of `sourceId`, which is not present.
  ///
  /// @return whether a root entry has become present for it
  public boolean add(int sourceId, ContextEntry entry) throws DriverException {
    boolean linked = contextTables[sourceId >>> 8] == 0;
    EntryPair.add(writer, address(sourceId), entry.lo(), entry.hi());
    return linked;
  }

  /// Writes the low word of the entry of `sourceId`, which is not present and stays so.
  ///
  /// @return whether a root entry has become present for it
  public boolean writeAbsent(int sourceId, long lo) throws DriverException {
    boolean linked = contextTables[sourceId >>> 8] == 0;
    writer.write(address(sourceId), lo);
    return linked;
  }

  /// Replaces the present entry of `sourceId` in one access.
  ///
  /// @return whether that was possible; otherwise nothing has happened
  public boolean replace(int sourceId, ContextEntry entry) throws DriverException {
    return EntryPair.replace(writer, address(sourceId), entry.lo(), entry.hi());
  }

  /// Makes the entry of `sourceId` not present.
  public void remove(int sourceId) throws DriverException {
    EntryPair.remove(writer, address(sourceId));
  }

  /// A bus's context table, once it is there, stays.
  private long address(int sourceId) throws DriverException {
    int bus = sourceId >>> 8;
    if (contextTables[bus] == 0) {
      contextTables[bus] = writer.newTable(1);
      writer.write(RootEntry.address(root, sourceId), RootEntry.present(contextTables[bus]).lo());
    }
    return ContextEntry.address(contextTables[bus], sourceId);
  }

  /// Gives back every page; the unit uses none of them any more.
  public void freeAll() {
    for (long table : contextTables) {
      if (table != 0) {
        writer.free(table, 1);
      }
    }
    writer.free(root, 1);
  }
}
