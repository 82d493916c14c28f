package dev.portcullis.spec.table;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import java.util.List;

/// First-stage paging entry, 64 bits: the processor's own format, all levels.
///
/// ```
///   63    52 51                 12 11 10 9 8 7  6 5  4   3   2   1  0
///  +--------+---------------------+--+--+-+-+--+-+-+---+---+---+---+-+
///  |  IGN   |        ADDR         |I |EA|I|G|PS|D|A|PCD|PWT|U/S|R/W|P|
///  +--------+---------------------+--+--+-+-+--+-+-+---+---+---+---+-+
/// ```
///
/// Bit 7 is PS at levels 2 and 3, and part of the page attribute index at level 1; where a page is
/// large that part is bit 12.
///
/// @param word the entry
/// @vtd 9.7 First-Stage Paging Entries
public record FirstStageEntry(long word) {
  /// Size of an entry.
  public static final int BYTES = 8;

  public static final BitField P = bit("P", 0);

  /// Writes are allowed.
  public static final BitField RW = bit("R/W", 1);

  /// User requests are allowed.
  public static final BitField US = bit("U/S", 2);

  public static final BitField PWT = bit("PWT", 3);
  public static final BitField PCD = bit("PCD", 4);

  /// Accessed.
  public static final BitField A = bit("A", 5);

  /// Dirty, in an entry that maps a page.
  public static final BitField D = bit("D", 6);

  /// The entry maps a page, at levels 2 and 3.
  public static final BitField PS = bit("PS", 7);

  /// Page attribute index, high bit, of a 4-KiB page.
  public static final BitField PAT = bit("PAT", 7);

  /// Extended accessed.
  public static final BitField EA = bit("EA", 10);

  /// Page attribute index, high bit, of a large page.
  public static final BitField PAT_LARGE = bit("PAT (large page)", 12);

  /// Next table or page, in place.
  public static final BitField ADDR = bits("ADDR", 51, 12);

  /// All fields at level 1; what they leave is ignored.
  public static final List<BitField> FIELDS = List.of(ADDR, EA, PAT, D, A, PCD, PWT, US, RW, P);

  /// A present entry with `bits` that points to `address`, or maps it at level 1.
  public static FirstStageEntry present(long address, long bits) {
    return new FirstStageEntry(P.mask() | address | bits);
  }

  /// A present entry with `bits` that maps the large page at `address`.
  public static FirstStageEntry largePage(long address, long bits) {
    return new FirstStageEntry(P.mask() | PS.mask() | address | bits);
  }

  public boolean isPresent() {
    return P.isSet(word);
  }

  /// Next table or page.
  public long address() {
    return ADDR.inPlace(word);
  }

  /// Whether the entry maps a page where it is met at `level`.
  public static boolean mapsPage(long word, int level) {
    return level == 1 || level <= 3 && PS.isSet(word);
  }
}
