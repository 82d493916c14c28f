package dev.portcullis.kit.table;

import dev.portcullis.kit.memory.GuestMemory;

/// A domain: its id, and second-stage tables in guest memory.
///
/// Nothing here invalidates; that is the test's business.
public final class Domain {
  private final GuestMemory memory;
  private final int id;
  private final int levels;
  private final long root;

  /// An empty domain whose tables have `levels` levels, 3 to 5.
  public Domain(GuestMemory memory, int id, int levels) {
    this.memory = memory;
    this.id = id;
    this.levels = levels;
    this.root = memory.page();
  }

  /// The domain-id.
  public int id() {
    return id;
  }

  /// Levels of the tables.
  public int levels() {
    return levels;
  }

  /// Address of the topmost table.
  public long root() {
    return root;
  }

  /// The code of the tables' depth in a context entry.
  public int addressWidthCode() {
    return levels - 2;
  }

  /// Maps the 4-KiB page of `iova` for reading and writing.
  public Domain map(long iova, long hpa) {
    return map(iova, hpa, Paging.RW);
  }

  /// Maps the 4-KiB page of `iova`.
  ///
  /// @param bits rights and whatever else the entry shall have
  public Domain map(long iova, long hpa, long bits) {
    return map(iova, hpa, bits, 1);
  }

  /// Maps the page of `iova` by an entry at `level`: 2 for 2 MiB, 3 for 1 GiB.
  public Domain map(long iova, long hpa, long bits, int level) {
    return entry(iova, level, hpa | bits | (level > 1 ? Paging.PS : 0));
  }

  /// Takes the 4-KiB page of `iova` out.
  public Domain unmap(long iova) {
    return entry(iova, 1, 0);
  }

  /// Writes the raw entry that `iova` uses at `level`; missing tables above it are made.
  public Domain entry(long iova, int level, long entry) {
    memory.writeLong(address(iova, level), entry);
    return this;
  }

  /// The raw entry that `iova` uses at `level`.
  public long entry(long iova, int level) {
    return memory.readLong(address(iova, level));
  }

  /// Where the entry is that `iova` uses at `level`; missing tables above it are made.
  public long address(long iova, int level) {
    long table = root;
    for (int above = levels; above > level; above--) {
      long at = table + 8L * Paging.index(iova, above);
      long entry = memory.readLong(at);
      if ((entry & Paging.RW) == 0) {
        entry = memory.page() | Paging.RW;
        memory.writeLong(at, entry);
      }
      table = Paging.address(entry);
    }
    return table + 8L * Paging.index(iova, level);
  }
}
