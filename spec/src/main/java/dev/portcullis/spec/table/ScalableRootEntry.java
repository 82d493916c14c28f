package dev.portcullis.spec.table;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;

/// Half of a scalable-mode root entry, 64 bits: the lower half serves devices 0 to 15 of a bus, the
/// upper half devices 16 to 31.
///
/// ```
///   63                             12 11      1   0
/// +-----------------------------------+---------+---+
/// |           LCTP or UCTP            |    0    | P |
/// +-----------------------------------+---------+---+
/// ```
///
/// @param word the half
/// @vtd 9.2 Scalable-Mode Root Entry
public record ScalableRootEntry(long word) {
  /// Size of an entry, both halves.
  public static final int BYTES = 16;

  /// LP or UP: the half is present.
  public static final BitField P = bit("P", 0);

  /// Context table, in place: host physical, 4-KiB aligned.
  public static final BitField CTP = bits("CTP", 63, 12);

  /// Bits that must be 0, the address bits beyond the host's width aside.
  public static final long RESERVED = 0xffe;

  /// A half that points to the context table at `contextTable`.
  public static ScalableRootEntry present(long contextTable) {
    return new ScalableRootEntry(P.mask() | contextTable);
  }

  public boolean isPresent() {
    return P.isSet(word);
  }

  /// Base of the context table of this half: host physical, 4-KiB aligned.
  public long contextTable() {
    return CTP.inPlace(word);
  }

  /// Whether a bit is set that must be 0 where host addresses leave `beyondHostAddress` 0.
  public boolean hasReservedBits(long beyondHostAddress) {
    return (word & (RESERVED | beyondHostAddress)) != 0;
  }

  /// Address of the half that serves `sourceId`, in the table at `rootTable`.
  public static long address(long rootTable, int sourceId) {
    return rootTable + (long) (sourceId >> 8 & 0xff) * BYTES + (sourceId >> 7 & 1) * 8L;
  }
}
