package dev.portcullis.spec.table;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import java.util.List;

/// Second-stage paging entry, 64 bits: one format for all levels.
///
/// ```
///   63  62 61 60   52 51                  12 11  10 9 8 7  6   5  3  2 1 0
///  +---+--+--+-------+----------------------+---+--+-+-+--+----+----+--+-+-+
///  |IGN|IW|IR|  IGN  |         ADDR         |SNP| I|D|A|PS|IPAT|EMT | I|W|R|
///  +---+--+--+-------+----------------------+---+--+-+-+--+----+----+--+-+-+
/// ```
///
/// An entry maps a page at level 1, and at levels 2 and 3 if PS is set; otherwise it points to the
/// next table. Level 1 translates bits 20 to 12 of an address, level 2 bits 29 to 21, and so on.
///
/// @param word the entry
/// @vtd 9.8 Second-Stage Paging Entries
public record SecondStageEntry(long word) {
  /// Size of an entry.
  public static final int BYTES = 8;

  public static final BitField R = bit("R", 0);
  public static final BitField W = bit("W", 1);

  /// Memory type.
  public static final BitField EMT = bits("EMT", 5, 3);

  public static final BitField IPAT = bit("IPAT", 6);

  /// The entry maps a page; ignored at level 1.
  public static final BitField PS = bit("PS", 7);

  public static final BitField A = bit("A", 8);
  public static final BitField D = bit("D", 9);

  /// Accesses are snooped whatever the device says; in an entry that maps a page.
  public static final BitField SNP = bit("SNP", 11);

  /// Next table or page, in place: host physical.
  public static final BitField ADDR = bits("ADDR", 51, 12);

  public static final BitField IR = bit("IR", 61);
  public static final BitField IW = bit("IW", 62);

  /// All fields; what they leave is ignored.
  public static final List<BitField> FIELDS = List.of(IW, IR, ADDR, SNP, D, A, PS, IPAT, EMT, W, R);

  /// Bits that no unit looks at.
  public static final long IGNORED = 0x9ff0_0000_0000_0404L;

  /// The entry with `rights` (R and W) that points to `address`, or maps it at level 1.
  public static SecondStageEntry of(long address, long rights) {
    return new SecondStageEntry(address | rights);
  }

  /// The entry with `rights` (R and W) that maps the large page at `address`.
  public static SecondStageEntry largePage(long address, long rights) {
    return new SecondStageEntry(address | rights | PS.mask());
  }

  /// Whether the entry grants a right; one that does not ends the walk.
  public boolean grants() {
    return (word & (R.mask() | W.mask())) != 0;
  }

  /// Next table or page: host physical.
  public long address() {
    return ADDR.inPlace(word);
  }

  /// Lowest bit of an address that level `level` (1 to 5) translates.
  public static int shift(int level) {
    return 12 + 9 * (level - 1);
  }

  /// Address of the entry for `address` in the level-`level` table at `table`.
  public static long address(long table, long address, int level) {
    return table + (address >>> shift(level) & 0x1ff) * BYTES;
  }

  /// Whether the entry maps a page where it is met at `level`.
  public static boolean mapsPage(long word, int level) {
    return level == 1 || (level <= 3 && PS.isSet(word));
  }
}
