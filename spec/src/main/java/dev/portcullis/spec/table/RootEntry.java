package dev.portcullis.spec.table;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import java.util.List;

/// Legacy-mode root entry, 128 bits, one for each bus.
///
/// ```
///  127                                             64
/// +-------------------------------------------------+
/// |                        0                        |
/// +-------------------------------------------------+
///   63                             12 11      1   0
/// +-----------------------------------+---------+---+
/// |                CTP                |    0    | P |
/// +-----------------------------------+---------+---+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 9.1 Root Entry
public record RootEntry(long lo, long hi) {
  /// Size of an entry.
  public static final int BYTES = 16;

  public static final BitField P = bit("P", 0);

  /// Context table, in place: host physical, 4-KiB aligned.
  public static final BitField CTP = bits("CTP", 63, 12);

  /// Fields of the low half.
  public static final List<BitField> LOW = List.of(CTP, P);

  /// Fields of the high half.
  public static final List<BitField> HIGH = List.of();

  /// Bits of the low half that must be 0, the address bits beyond the host's width aside.
  public static final long RESERVED_LOW = 0xffe;

  /// Bits of the high half that must be 0.
  public static final long RESERVED_HIGH = -1L;

  /// An entry that points to the context table at `contextTable`.
  public static RootEntry present(long contextTable) {
    return new RootEntry(P.mask() | contextTable, 0);
  }

  public boolean isPresent() {
    return P.isSet(lo);
  }

  /// Base of the bus's context table: host physical, 4-KiB aligned.
  public long contextTable() {
    return CTP.inPlace(lo);
  }

  /// Whether a bit is set that must be 0 where host addresses leave `beyondHostAddress` 0.
  public boolean hasReservedBits(long beyondHostAddress) {
    return (lo & (RESERVED_LOW | beyondHostAddress) | hi & RESERVED_HIGH) != 0;
  }

  /// Address of the entry of `sourceId` in the table at `rootTable`.
  public static long address(long rootTable, int sourceId) {
    return rootTable + (long) (sourceId >> 8 & 0xff) * BYTES;
  }
}
