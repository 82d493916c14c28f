package dev.portcullis.spec.table;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;

/// PASID directory entry, 64 bits, one for each table of 64 PASIDs.
///
/// ```
///   63                             12 11     2   1   0
/// +-----------------------------------+--------+---+---+
/// |             SMPTBLPTR             |    0   |FPD| P |
/// +-----------------------------------+--------+---+---+
/// ```
///
/// @param word the entry
/// @vtd 9.5 Scalable-Mode PASID Directory Entry
public record PasidDirectoryEntry(long word) {
  /// Size of an entry.
  public static final int BYTES = 8;

  public static final BitField P = bit("P", 0);

  /// Fault processing disable. Counts even without P.
  public static final BitField FPD = bit("FPD", 1);

  /// PASID table, in place: host physical, 4-KiB aligned.
  public static final BitField SMPTBLPTR = bits("SMPTBLPTR", 63, 12);

  /// Bits that must be 0, the address bits beyond the host's width aside.
  public static final long RESERVED = 0xffc;

  /// An entry that points to the PASID table at `pasidTable`.
  public static PasidDirectoryEntry present(long pasidTable) {
    return new PasidDirectoryEntry(P.mask() | pasidTable);
  }

  public boolean isPresent() {
    return P.isSet(word);
  }

  /// Whether faults are recorded: FPD is clear.
  public boolean recordsFaults() {
    return !FPD.isSet(word);
  }

  /// Base of the PASID table: host physical, 4-KiB aligned.
  public long pasidTable() {
    return SMPTBLPTR.inPlace(word);
  }

  /// Whether a bit is set that must be 0 where host addresses leave `beyondHostAddress` 0.
  public boolean hasReservedBits(long beyondHostAddress) {
    return (word & (RESERVED | beyondHostAddress)) != 0;
  }

  /// Address of the entry for `pasid` in the directory at `directory`.
  public static long address(long directory, int pasid) {
    return directory + (long) (pasid >>> 6 & 0x3fff) * BYTES;
  }
}
