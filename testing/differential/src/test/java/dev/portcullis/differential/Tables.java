package dev.portcullis.differential;

import dev.portcullis.qtest.client.QtestException;

/// The paging structures of a domain: mostly good, some broken, and read by the book.
///
/// Addresses use few indices of each level, so that requests meet the same tables again and again.
interface Tables {
  /// Where the first table is.
  long root();

  /// Code of the width of addresses, as context and PASID entries have it: 1 for 39 bits, 2 for 48.
  int width();

  /// An address that the tables may know.
  long randomAddress();

  /// Writes an entry on the way of `address`, at a random level, and what it takes to get there.
  ///
  /// @return the highest level of an entry that has changed; 0 if none has
  int change(long address) throws QtestException;

  /// Maps `address` to a data page with all rights.
  void map(long address) throws QtestException;

  /// Maps the page of `address` elsewhere, if it is one of 4 KiB that is mapped with all rights.
  ///
  /// @return whether it was
  boolean remap(long address) throws QtestException;

  /// A request has come so far: what the unit notes in the tables is due.
  void use(long address, Access access);

  /// What becomes of a request.
  Decision decide(long address, Access access);
}
