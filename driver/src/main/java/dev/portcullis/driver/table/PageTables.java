package dev.portcullis.driver.table;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.DriverException.Reason;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.spec.table.SecondStageEntry;
import java.util.ArrayList;
import java.util.List;

/// Page tables of one stage, written in memory and remembered here: no walk reads memory.
///
/// Tables that become empty stay where they are for a while, since what was mapped once is often
/// mapped again; when [#IDLE_LIMIT] of them are empty, the one that has been so for longest is
/// taken out. It may be used again only when the unit has forgotten it: see [Removed].
///
/// For one thread at a time.
///
/// @vtd 3.6 First-Stage Translation
/// @vtd 3.7 Second-Stage Translation
public final class PageTables {
  /// Empty tables that are kept.
  public static final int IDLE_LIMIT = 8;

  /// What a page of the second level maps.
  public static final long LARGE_BYTES = 2 << 20;

  private static final int ENTRIES = 512;

  private final TableWriter writer;
  private final PagingFormat format;
  private final Table root;
  private final Table[] idle = new Table[IDLE_LIMIT];
  private int idleNext;

  /// What is called before [#unmap] or [#protect] replaces a large page by smaller ones: the unit
  /// must forget the page from `first` to `last` before that returns.
  public interface BeforeSplit {
    void forget(long first, long last) throws DriverException;
  }

  /// Tables taken out; the unit may still know them.
  public static final class Removed {
    private final List<Table> tables = new ArrayList<>();

    /// None.
    public Removed() {}

    public boolean isEmpty() {
      return tables.isEmpty();
    }
  }

  /// A table, and which of its entries are present.
  private static final class Table {
    final long hpa;
    final int level;
    final Table parent;
    final int indexInParent;
    final Table[] children;
    final long[] present = new long[ENTRIES / Long.SIZE];
    int used;
    boolean isIdle;

    Table(long hpa, int level, Table parent, int indexInParent) {
      this.hpa = hpa;
      this.level = level;
      this.parent = parent;
      this.indexInParent = indexInParent;
      this.children = level == 1 ? null : new Table[ENTRIES];
    }

    boolean has(int index) {
      return (present[index >>> 6] >>> index & 1) != 0;
    }

    void add(int index) {
      present[index >>> 6] |= 1L << index;
      used++;
    }

    void remove(int index) {
      present[index >>> 6] &= ~(1L << index);
      used--;
    }

    long entry(int index) {
      return hpa + (long) index * SecondStageEntry.BYTES;
    }

    int index(long iova) {
      return (int) (iova >>> PagingFormat.shift(level)) & ENTRIES - 1;
    }
  }

  /// Empty tables.
  public PageTables(TableWriter writer, PagingFormat format) throws DriverException {
    this.writer = writer;
    this.format = format;
    this.root = new Table(writer.newTable(1), format.levels(), null, 0);
  }

  /// Host physical address of the top table.
  public long root() {
    return root.hpa;
  }

  public PagingFormat format() {
    return format;
  }

  /// Maps `bytes` bytes from `iova` on to those from `hpa` on, with pages as large as they can be.
  ///
  /// All three are multiples of 4096. When it throws, nothing is mapped that was not; but the unit
  /// may have seen some of it, and must forget the range.
  ///
  /// @param removed where tables go when it throws
  /// @throws DriverException [Reason#ALREADY_MAPPED] or [Reason#OUT_OF_PAGES]
  public void map(long iova, long hpa, long bytes, Rights rights, Removed removed)
      throws DriverException {
    checkRange(iova, bytes);
    long done = 0;
    try {
      while (done < bytes) {
        done += mapRun(iova + done, hpa + done, bytes - done, rights);
      }
    } catch (DriverException e) {
      unmap(iova, done, PageTables::neverSplit, removed);
      throw e;
    }
  }

  private static void neverSplit(long first, long last) {
    throw new AssertionError("a page larger than what was mapped");
  }

  /// Maps as many pages of one size as are left in one table.
  private long mapRun(long iova, long hpa, long bytes, Rights rights) throws DriverException {
    Table table = tableFor(iova, format.levelFor(iova | hpa, bytes));
    int shift = PagingFormat.shift(table.level);
    int first = table.index(iova);
    if (table.has(first)) {
      throw alreadyMapped(iova);
    }
    int end = (int) Math.min(ENTRIES, first + (bytes >>> shift));
    long bits = format.page(rights, table.level);
    int at = first;
    while (at < end && !table.has(at)) {
      writer.writeUnflushed(table.entry(at), hpa + ((long) (at - first) << shift) | bits);
      table.add(at);
      at++;
    }
    writer.flush(table.entry(first), (long) (at - first) * SecondStageEntry.BYTES);
    return (long) (at - first) << shift;
  }

  /// The table of `level` for `iova`, or a lower one if there are smaller pages around it.
  private Table tableFor(long iova, int level) throws DriverException {
    Table table = root;
    while (table.level > level || table.level > 1 && table.children[table.index(iova)] != null) {
      int index = table.index(iova);
      Table child = table.children[index];
      if (child == null) {
        if (table.has(index)) {
          throw alreadyMapped(iova);
        }
        child = link(table, index);
      }
      table = child;
    }
    return table;
  }

  private Table link(Table table, int index) throws DriverException {
    Table child = new Table(writer.newTable(1), table.level - 1, table, index);
    writer.write(table.entry(index), child.hpa | format.table());
    table.children[index] = child;
    table.add(index);
    return child;
  }

  private static DriverException alreadyMapped(long iova) {
    return new DriverException(Reason.ALREADY_MAPPED, "%#x is mapped".formatted(iova));
  }

  /// Takes out whatever is mapped in `bytes` bytes from `iova` on. A large page that lies partly
  /// outside is split.
  ///
  /// @param removed where tables go that are no longer needed; if it has any when this returns, the
  ///   unit must forget more than the leaves
  /// @return how many bytes were mapped
  public long unmap(long iova, long bytes, BeforeSplit beforeSplit, Removed removed)
      throws DriverException {
    checkRange(iova, bytes);
    long end = iova + bytes;
    long unmapped = 0;
    long at = iova;
    while (at < end) {
      Table table = lowestTable(at);
      int index = table.index(at);
      long size = 1L << PagingFormat.shift(table.level);
      if (!table.has(index)) {
        at = (at & -size) + size;
      } else if ((at & size - 1) == 0 && end - at >= size) {
        long run = unmapRun(table, index, end - at, removed);
        unmapped += run;
        at += run;
      } else {
        split(table, index, at & -size, beforeSplit);
      }
    }
    return unmapped;
  }

  /// The table that says of `iova` where it leads, or that it leads nowhere.
  private Table lowestTable(long iova) {
    Table table = root;
    while (table.level > 1 && table.children[table.index(iova)] != null) {
      table = table.children[table.index(iova)];
    }
    return table;
  }

  /// Gives whatever is mapped in `bytes` bytes from `iova` on other rights, without its being out
  /// of reach in between. A large page that lies partly outside is split. Until the unit has
  /// forgotten the range, it may go by the old rights.
  ///
  /// @return how many bytes are mapped there
  public long protect(long iova, long bytes, Rights rights, BeforeSplit beforeSplit)
      throws DriverException {
    checkRange(iova, bytes);
    long end = iova + bytes;
    long changed = 0;
    long at = iova;
    while (at < end) {
      Table table = lowestTable(at);
      int index = table.index(at);
      long size = 1L << PagingFormat.shift(table.level);
      if (!table.has(index)) {
        at = (at & -size) + size;
      } else if ((at & size - 1) == 0 && end - at >= size) {
        long entry = table.entry(index);
        writer.write(entry, format.withRights(writer.read(entry), rights, table.level));
        changed += size;
        at += size;
      } else {
        split(table, index, at & -size, beforeSplit);
      }
    }
    return changed;
  }

  /// Takes out pages side by side in one table.
  private long unmapRun(Table table, int first, long bytes, Removed removed)
      throws DriverException {
    int shift = PagingFormat.shift(table.level);
    int end = (int) Math.min(ENTRIES, first + (bytes >>> shift));
    int at = first;
    while (at < end && table.has(at) && (table.level == 1 || table.children[at] == null)) {
      writer.writeUnflushed(table.entry(at), 0);
      table.remove(at);
      at++;
    }
    writer.flush(table.entry(first), (long) (at - first) * SecondStageEntry.BYTES);
    if (table.used == 0) {
      becomeIdle(table, removed);
    }
    return (long) (at - first) << shift;
  }

  /// Replaces a large page by a table of smaller ones: present, not present, forgotten, present.
  private void split(Table table, int index, long iova, BeforeSplit beforeSplit)
      throws DriverException {
    long page = writer.read(table.entry(index));
    Table child = parts(table, index, page);
    writer.write(table.entry(index), 0);
    try {
      beforeSplit.forget(iova, iova + (1L << PagingFormat.shift(table.level)) - 1);
    } catch (DriverException e) {
      writer.write(table.entry(index), page);
      writer.free(child.hpa, 1);
      throw e;
    }
    writer.write(table.entry(index), child.hpa | format.table());
    table.children[index] = child;
  }

  /// A table that maps what `page`, entry `index` of `table`, does; nothing leads there yet.
  private Table parts(Table table, int index, long page) throws DriverException {
    Table child = new Table(writer.newTable(1), table.level - 1, table, index);
    long part = PagingFormat.firstPart(page, table.level);
    int shift = PagingFormat.shift(child.level);
    for (int i = 0; i < ENTRIES; i++) {
      writer.writeUnflushed(child.entry(i), part + ((long) i << shift));
      child.add(i);
    }
    writer.flush(child.hpa, PageAllocator.PAGE_BYTES);
    return child;
  }

  /// Whether the 2 MiB at `iova` are mapped by small pages that lead where one large page would,
  /// with the same rights.
  public boolean isJoinable(long iova) throws DriverException {
    checkRange(iova, LARGE_BYTES);
    Table table = lowestTable(iova);
    if (format.largestPageLevel() < 2
        || (iova & LARGE_BYTES - 1) != 0
        || table.level != 1
        || table.used != ENTRIES) {
      return false;
    }
    long first = writer.read(table.entry(0));
    boolean isSame = (first & LARGE_BYTES - PageAllocator.PAGE_BYTES) == 0;
    for (int i = 1; isSame && i < ENTRIES; i++) {
      isSame = writer.read(table.entry(i)) == first + i * (long) PageAllocator.PAGE_BYTES;
    }
    return isSame;
  }

  /// Has one large page map what is [#isJoinable]. Nothing is out of reach in between: the unit
  /// goes by the small pages or by the large one, which say the same, and must forget the former.
  ///
  /// @param removed where their table goes
  public void join(long iova, Removed removed) throws DriverException {
    Table table = lowestTable(iova);
    Table parent = table.parent;
    long page = PagingFormat.whole(writer.read(table.entry(0)), parent.level);
    writer.write(parent.entry(table.indexInParent), page);
    parent.children[table.indexInParent] = null;
    removed.tables.add(table);
  }

  /// Undoes [#join], in the same way: the unit must forget the large page.
  ///
  /// @return whether there is one of 2 MiB at `iova`
  public boolean divide(long iova) throws DriverException {
    checkRange(iova, LARGE_BYTES);
    Table table = lowestTable(iova);
    int index = table.index(iova);
    if (table.level != 2 || !table.has(index)) {
      return false;
    }
    Table child = parts(table, index, writer.read(table.entry(index)));
    writer.write(table.entry(index), child.hpa | format.table());
    table.children[index] = child;
    return true;
  }

  private void becomeIdle(Table table, Removed removed) throws DriverException {
    if (table.isIdle || table == root) {
      return;
    }
    Table oldest = idle[idleNext];
    idle[idleNext] = table;
    idleNext = (idleNext + 1) % IDLE_LIMIT;
    table.isIdle = true;
    if (oldest != null) {
      takeOut(oldest, removed);
    }
  }

  /// Takes a table out that was idle and still is.
  private void takeOut(Table table, Removed removed) throws DriverException {
    table.isIdle = false;
    if (table.used != 0) {
      return;
    }
    Table parent = table.parent;
    writer.write(parent.entry(table.indexInParent), 0);
    parent.children[table.indexInParent] = null;
    parent.remove(table.indexInParent);
    removed.tables.add(table);
    if (parent.used == 0) {
      becomeIdle(parent, removed);
    }
  }

  /// Takes out every empty table.
  public void trim(Removed removed) throws DriverException {
    for (int quiet = 0; quiet < IDLE_LIMIT; quiet++) {
      Table table = idle[idleNext];
      idle[idleNext] = null;
      idleNext = (idleNext + 1) % IDLE_LIMIT;
      if (table != null) {
        quiet = -1;
        takeOut(table, removed);
      }
    }
  }

  /// Gives back the pages of tables that the unit has forgotten.
  public void free(Removed removed) {
    removed.tables.forEach(table -> writer.free(table.hpa, 1));
    removed.tables.clear();
  }

  /// Gives back every page; the unit has forgotten all of them.
  public void freeAll() {
    freeBelow(root);
  }

  private void freeBelow(Table table) {
    if (table.children != null) {
      for (Table child : table.children) {
        if (child != null) {
          freeBelow(child);
        }
      }
    }
    writer.free(table.hpa, 1);
  }

  private void checkRange(long iova, long bytes) {
    boolean aligned = ((iova | bytes) & PageAllocator.PAGE_BYTES - 1) == 0;
    boolean inside =
        iova >= 0 && bytes >= 0 && iova + bytes >= 0 && iova + bytes <= 1L << format.addressBits();
    if (!aligned || !inside) {
      throw new IllegalArgumentException(
          "no range of pages in %d bits: %#x, %#x bytes"
              .formatted(format.addressBits(), iova, bytes));
    }
  }
}
