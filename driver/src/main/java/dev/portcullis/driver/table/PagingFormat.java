package dev.portcullis.driver.table;

import dev.portcullis.spec.table.FirstStageEntry;
import dev.portcullis.spec.table.SecondStageEntry;

/// How paging entries of one stage look. Both stages have their address and their page-size bit at
/// the same place.
///
/// @param levels 3 to 5
/// @param largestPageLevel highest level at which an entry may map a page, 1 to 3
/// @param addressBits addresses have fewer bits than this plus one
/// @param table bits of an entry that points to a table
/// @param read bits of an entry that maps a page for reading
/// @param write bits of an entry that maps a page for writing only
/// @param readWrite bits of an entry that maps a page for both
/// @vtd 9.7 First-Stage Paging Entries
/// @vtd 9.8 Second-Stage Paging Entries
public record PagingFormat(
    int levels,
    int largestPageLevel,
    int addressBits,
    long table,
    long read,
    long write,
    long readWrite) {
  private static final long PS = SecondStageEntry.PS.mask();

  /// Second-stage entries.
  ///
  /// @param pageBits set in every entry that maps a page
  public static PagingFormat secondStage(
      int levels, int largestPageLevel, int addressBits, long pageBits) {
    long r = SecondStageEntry.R.mask();
    long w = SecondStageEntry.W.mask();
    return new PagingFormat(
        levels, largestPageLevel, addressBits, r | w, r | pageBits, w | pageBits, r | w | pageBits);
  }

  /// First-stage entries: for users, and marked as used, so that the unit need not do so. Addresses
  /// are those of the lower half, whose upper bits are 0.
  public static PagingFormat firstStage(int levels, int largestPageLevel) {
    long present = FirstStageEntry.P.mask() | FirstStageEntry.US.mask() | FirstStageEntry.A.mask();
    long written = present | FirstStageEntry.RW.mask();
    long dirty = written | FirstStageEntry.D.mask();
    return new PagingFormat(
        levels, largestPageLevel, 12 + 9 * levels - 1, written, present, dirty, dirty);
  }

  /// Lowest bit of an address that level `level` translates.
  static int shift(int level) {
    return SecondStageEntry.shift(level);
  }

  /// Bits of an entry that maps a page for `rights` at `level`.
  long page(Rights rights, int level) {
    long bits =
        switch (rights) {
          case READ -> read;
          case WRITE -> write;
          case READ_WRITE -> readWrite;
        };
    return level == 1 ? bits : bits | PS;
  }

  /// `word`, which maps a page at `level`, with other rights.
  long withRights(long word, Rights rights, int level) {
    return word & ~(read | write | readWrite) | page(rights, level);
  }

  /// The entry at the level below that maps the first part of what `word` maps at `level`.
  static long firstPart(long word, int level) {
    return level == 2 ? word & ~PS : word;
  }

  /// The entry at `level` that maps all of what begins with what `part` maps at the level below.
  static long whole(long part, int level) {
    return level == 2 ? part | PS : part;
  }

  /// Highest level whose pages start at every address that leaves the bits of `addresses` 0, and
  /// are no longer than `bytes`.
  int levelFor(long addresses, long bytes) {
    for (int level = largestPageLevel; level > 1; level--) {
      long size = 1L << shift(level);
      if (bytes >= size && (addresses & size - 1) == 0) {
        return level;
      }
    }
    return 1;
  }
}
