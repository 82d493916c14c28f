package dev.portcullis.driver.table;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.spec.table.PasidDirectoryEntry;
import dev.portcullis.spec.table.PasidEntry;

/// The PASID directory of one device and the tables below it.
///
/// @vtd 9.5 Scalable-Mode PASID Directory Entry
/// @vtd 9.6 Scalable-Mode PASID Table Entry
public final class PasidTables {
  private static final int LEAST_PASID_BITS = 13;
  private static final int PASIDS_PER_TABLE_LOG2 = 6;

  private final TableWriter writer;
  private final int sizeCode;
  private final long directory;
  private final long[] tables;

  /// @param pasidBits width of the largest PASID, 0 to 20
  public PasidTables(TableWriter writer, int pasidBits) throws DriverException {
    this.writer = writer;
    this.sizeCode = Math.max(0, pasidBits - LEAST_PASID_BITS);
    this.tables = new long[1 << sizeCode + LEAST_PASID_BITS - PASIDS_PER_TABLE_LOG2];
    this.directory = writer.newTable(directoryPages());
  }

  private int directoryPages() {
    return Math.max(1, tables.length * PasidDirectoryEntry.BYTES / PageAllocator.PAGE_BYTES);
  }

  /// Host physical address of the directory.
  public long directory() {
    return directory;
  }

  /// Value of PDTS in the context entry.
  public int sizeCode() {
    return sizeCode;
  }

  /// Writes the entry of `pasid`, which is not present.
  public void add(int pasid, PasidEntry entry) throws DriverException {
    long hpa = address(pasid);
    writer.write(hpa + 8, entry.w1());
    writer.write(hpa + 16, entry.w2());
    writer.write(hpa, entry.w0());
  }

  /// Makes the entry of `pasid` not present.
  public void remove(int pasid) throws DriverException {
    long hpa = address(pasid);
    for (int word = 0; word < 3; word++) {
      writer.write(hpa + 8L * word, 0);
    }
  }

  /// A table, once it is there, stays.
  private long address(int pasid) throws DriverException {
    int index = pasid >>> PASIDS_PER_TABLE_LOG2;
    if (index >= tables.length) {
      throw new IllegalArgumentException("PASID %#x is too large".formatted(pasid));
    }
    if (tables[index] == 0) {
      tables[index] = writer.newTable(1);
      writer.write(
          PasidDirectoryEntry.address(directory, pasid),
          PasidDirectoryEntry.present(tables[index]).word());
    }
    return PasidEntry.address(tables[index], pasid);
  }

  /// Gives back every page; the unit uses none of them any more.
  public void freeAll() {
    for (long table : tables) {
      if (table != 0) {
        writer.free(table, 1);
      }
    }
    writer.free(directory, directoryPages());
  }
}
