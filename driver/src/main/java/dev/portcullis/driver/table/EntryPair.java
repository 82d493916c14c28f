package dev.portcullis.driver.table;

import dev.portcullis.driver.port.DriverException;

/// Changes of a 128-bit entry, its present bit in the low word, such that the unit never sees half
/// of one.
final class EntryPair {
  private EntryPair() {}

  /// Writes an entry that is not present.
  static void add(TableWriter writer, long hpa, long lo, long hi) throws DriverException {
    writer.write(hpa + 8, hi);
    writer.write(hpa, lo);
  }

  /// Makes an entry not present.
  static void remove(TableWriter writer, long hpa) throws DriverException {
    writer.write(hpa, 0);
    writer.write(hpa + 8, 0);
  }

  /// Replaces a present entry in one access.
  ///
  /// @return whether that was possible; otherwise nothing has happened
  static boolean replace(TableWriter writer, long hpa, long lo, long hi) throws DriverException {
    if (writer.read(hpa + 8) == hi) {
      writer.write(hpa, lo);
      return true;
    }
    return writer.writePair(hpa, lo, hi);
  }
}
