package dev.portcullis.driver.table;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.spec.BitField;
import dev.portcullis.spec.table.ScalableContextEntry;
import dev.portcullis.spec.table.ScalableRootEntry;

/// The root table of scalable mode and the context tables below it, two for each bus.
///
/// @vtd 9.2 Scalable-Mode Root Entry
/// @vtd 9.4 Scalable-Mode Context Entry
public final class ScalableTables {
  private static final int HALF_BUSES = 512;

  private final TableWriter writer;
  private final long root;
  private final long[] contextTables = new long[HALF_BUSES];

  public ScalableTables(TableWriter writer) throws DriverException {
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
  public boolean add(int sourceId, ScalableContextEntry entry) throws DriverException {
    boolean linked = contextTables[sourceId >>> 7] == 0;
    EntryPair.add(writer, address(sourceId), entry.lo(), entry.hi());
    return linked;
  }

  /// Sets or clears a bit of the low word of the present entry of `sourceId`.
  public void change(int sourceId, BitField bit, long value) throws DriverException {
    long hpa = address(sourceId);
    writer.write(hpa, bit.with(writer.read(hpa), value));
  }

  /// Makes the entry of `sourceId` not present.
  public void remove(int sourceId) throws DriverException {
    EntryPair.remove(writer, address(sourceId));
  }

  /// A context table, once it is there, stays.
  private long address(int sourceId) throws DriverException {
    int half = sourceId >>> 7;
    if (contextTables[half] == 0) {
      contextTables[half] = writer.newTable(1);
      writer.write(
          ScalableRootEntry.address(root, sourceId),
          ScalableRootEntry.present(contextTables[half]).word());
    }
    return ScalableContextEntry.address(contextTables[half], sourceId);
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
