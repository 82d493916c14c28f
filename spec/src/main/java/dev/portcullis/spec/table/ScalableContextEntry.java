package dev.portcullis.spec.table;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;

/// Scalable-mode context entry, 256 bits, one for each function: its upper half is reserved.
///
/// ```
///  127                            85   84      83         64
/// +---------------------------------+--------+-------------+
/// |                0                |RID_PRIV|  RID_PASID  |
/// +---------------------------------+--------+-------------+
///   63              12 11   9 8  7  6    5    4    3     2   1   0
/// +-------------------+------+----+----+----+---+------+---+---+---+
/// |    PASIDDIRPTR    | PDTS |  0 |EPTR|HPTE|PRE|PASIDE|DTE|FPD| P |
/// +-------------------+------+----+----+----+---+------+---+---+---+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 9.4 Scalable-Mode Context Entry
public record ScalableContextEntry(long lo, long hi) {
  /// Size of an entry, its reserved half included.
  public static final int BYTES = 32;

  public static final BitField P = bit("P", 0);

  /// Fault processing disable. Counts even without P.
  public static final BitField FPD = bit("FPD", 1);

  /// Device-TLB enable: translation requests and translated requests are allowed.
  public static final BitField DTE = bit("DTE", 2);

  /// Requests with PASID are allowed.
  public static final BitField PASIDE = bit("PASIDE", 3);

  /// Page requests are allowed.
  public static final BitField PRE = bit("PRE", 4);

  /// Translated requests are checked against host permission tables.
  public static final BitField HPTE = bit("HPTE", 5);

  /// Translated requests with PASID are allowed.
  public static final BitField EPTR = bit("EPTR", 6);

  /// PASID directory size: 2^(PDTS + 7) entries.
  public static final BitField PDTS = bits("PDTS", 11, 9);

  /// PASID directory, in place: host physical, 4-KiB aligned.
  public static final BitField PASIDDIRPTR = bits("PASIDDIRPTR", 63, 12);

  /// PASID of requests without one. (Bits 83 to 64.)
  public static final BitField RID_PASID = bits("RID_PASID", 19, 0);

  /// Privilege of requests without PASID. (Bit 84.)
  public static final BitField RID_PRIV = bit("RID_PRIV", 20);

  /// Bits of the low half that must be 0, the address bits beyond the host's width and those of
  /// missing features aside.
  public static final long RESERVED_LOW = 0x180;

  /// Bits of the high half that must be 0, those of missing features aside.
  public static final long RESERVED_HIGH = 0xffff_ffff_ffe0_0000L;

  /// A present entry, nothing else allowed.
  ///
  /// @param pasidDirectory host physical, 4-KiB aligned
  /// @param pdts value of PDTS, 0 to 7
  public static ScalableContextEntry present(long pasidDirectory, int pdts) {
    return new ScalableContextEntry(P.mask() | PDTS.encode(pdts) | pasidDirectory, 0);
  }

  /// The entry with the bits of `field` of the low half set too.
  public ScalableContextEntry with(BitField field) {
    return new ScalableContextEntry(lo | field.mask(), hi);
  }

  public boolean isPresent() {
    return P.isSet(lo);
  }

  /// Whether faults are recorded: FPD is clear.
  public boolean recordsFaults() {
    return !FPD.isSet(lo);
  }

  /// Base of the PASID directory: host physical, 4-KiB aligned.
  public long pasidDirectory() {
    return PASIDDIRPTR.inPlace(lo);
  }

  /// Number of PASIDs the directory covers: 2^13 to 2^20.
  public int pasids() {
    return 1 << PDTS.intOf(lo) + 13;
  }

  /// PASID of requests without one, 20 bits.
  public int requesterPasid() {
    return RID_PASID.intOf(hi);
  }

  /// Address of the entry of `sourceId` in the table that serves its half of the bus.
  public static long address(long contextTable, int sourceId) {
    return contextTable + (long) (sourceId & 0x7f) * BYTES;
  }
}
