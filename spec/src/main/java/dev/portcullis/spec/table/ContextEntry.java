package dev.portcullis.spec.table;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import java.util.List;

/// Legacy-mode context entry, 128 bits, one for each function of a bus.
///
/// ```
///  127              88 87        72  71 70  67 66  64
/// +-------------------+------------+---+------+------+
/// |         0         |    DID     | 0 | IGN  |  AW  |
/// +-------------------+------------+---+------+------+
///   63                          12 11    4 3  2  1   0
/// +-------------------------------+-------+----+---+---+
/// |            SSPTPTR            |   0   | TT |FPD| P |
/// +-------------------------------+-------+----+---+---+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 9.3 Context Entry
public record ContextEntry(long lo, long hi) {
  /// Size of an entry.
  public static final int BYTES = 16;

  public static final BitField P = bit("P", 0);

  /// Fault processing disable: faults of this requester are not recorded. Counts even without P.
  public static final BitField FPD = bit("FPD", 1);

  /// Translation type: 0 second stage, 1 the same with device-TLB, 2 pass-through.
  public static final BitField TT = bits("TT", 3, 2);

  /// Second-stage tables, in place: host physical, 4-KiB aligned.
  public static final BitField SSPTPTR = bits("SSPTPTR", 63, 12);

  /// Address width: 1, 2 and 3 stand for 3, 4 and 5 levels. (Bits 66 to 64.)
  public static final BitField AW = bits("AW", 2, 0);

  /// For software to use. (Bits 70 to 67.)
  public static final BitField IGN = bits("IGN", 6, 3);

  /// Domain-id. (Bits 87 to 72.)
  public static final BitField DID = bits("DID", 23, 8);

  /// Values of TT.
  public static final int TT_SECOND_STAGE = 0;

  /// Second stage, and the device may ask for translations.
  public static final int TT_DEVICE_TLB = 1;

  /// The request's address is the physical one.
  public static final int TT_PASS_THROUGH = 2;

  /// Fields of the low half.
  public static final List<BitField> LOW = List.of(SSPTPTR, TT, FPD, P);

  /// Fields of the high half.
  public static final List<BitField> HIGH = List.of(DID, IGN, AW);

  /// Bits of the low half that must be 0, the address bits beyond the host's width aside.
  public static final long RESERVED_LOW = 0xff0;

  /// Bits of the high half that must be 0, the unused bits of DID aside.
  public static final long RESERVED_HIGH = 0xffff_ffff_ff00_0080L;

  /// A present entry.
  ///
  /// @param translationType value of TT
  /// @param levels of the second-stage tables: 3, 4 or 5
  public static ContextEntry present(
      int translationType, long secondStageTables, int levels, int domainId) {
    return new ContextEntry(
        P.mask() | TT.encode(translationType) | secondStageTables,
        AW.encode(levels - 2) | DID.encode(domainId));
  }

  public boolean isPresent() {
    return P.isSet(lo);
  }

  /// Whether faults are recorded: FPD is clear.
  public boolean recordsFaults() {
    return !FPD.isSet(lo);
  }

  /// Value of TT.
  public int translationType() {
    return TT.intOf(lo);
  }

  /// Base of the second-stage tables: host physical, 4-KiB aligned.
  public long secondStageTables() {
    return SSPTPTR.inPlace(lo);
  }

  /// Levels of the second-stage tables that AW stands for; 3, 4 or 5 if it is valid.
  public int levels() {
    return AW.intOf(hi) + 2;
  }

  /// Domain-id, 16 bits.
  public int domainId() {
    return DID.intOf(hi);
  }

  /// Whether a bit is set that must be 0 where host addresses leave `beyondHostAddress` 0 and
  /// domain-ids have `domainIdBits` bits. With pass-through, the address is ignored.
  public boolean hasReservedBits(long beyondHostAddress, int domainIdBits) {
    long low =
        translationType() == TT_PASS_THROUGH ? RESERVED_LOW : RESERVED_LOW | beyondHostAddress;
    long high = RESERVED_HIGH | DID.mask() & -1L << DID.lsb() + domainIdBits;
    return (lo & low | hi & high) != 0;
  }

  /// Address of the entry of `sourceId` in the table at `contextTable`.
  public static long address(long contextTable, int sourceId) {
    return contextTable + (long) (sourceId & 0xff) * BYTES;
  }
}
