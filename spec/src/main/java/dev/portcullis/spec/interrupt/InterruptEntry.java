package dev.portcullis.spec.interrupt;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import java.util.List;

/// Entry of the interrupt remapping table, 128 bits: what becomes of interrupt requests.
///
/// ```
///         63            32 31  24 23      16 15 14  12 11    8 7    5  4  3  2   1   0
///        +----------------+------+----------+--+------+-------+------+--+--+--+---+---+
///  IM=0  |      DST       |   0  |    V     |0 |   0  | AVAIL | DLM  |TM|RH|DM|FPD| P |
///        +----------------+------+----------+--+------+-------+------+--+--+--+---+---+
///         63     38 37        24 23      16 15 14 13 12 11    8 7           2   1   0
///        +---------+------------+----------+--+---+----+-------+--------------+---+---+
///  IM=1  |  PDAL   |     0      |    VV    |1 |URG| 0  | AVAIL |       0      |FPD| P |
///        +---------+------------+----------+--+---+----+-------+--------------+---+---+
///         127                             96 95    84 83 82 81 80 79                64
///        +----------------------------------+--------+-----+-----+--------------------+
///        |           0, or PDAH             |   0    | SVT | SQ  |        SID         |
///        +----------------------------------+--------+-----+-----+--------------------+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 9.10 Interrupt Remapping Table Entry (IRTE) for Remapped Interrupts
/// @vtd 9.11 Interrupt Remapping Table Entry (IRTE) for Posted Interrupts
public record InterruptEntry(long lo, long hi) {
  /// Size of an entry.
  public static final int BYTES = 16;

  public static final BitField P = bit("P", 0);

  /// Fault processing disable. Counts even without P.
  public static final BitField FPD = bit("FPD", 1);

  /// Destination mode: logical.
  public static final BitField DM = bit("DM", 2);

  /// Redirection hint.
  public static final BitField RH = bit("RH", 3);

  /// Trigger mode: level.
  public static final BitField TM = bit("TM", 4);

  /// Delivery mode, see [DeliveryMode].
  public static final BitField DLM = bits("DLM", 7, 5);

  /// For software.
  public static final BitField AVAIL = bits("AVAIL", 11, 8);

  /// Posted format: software is told even if it asked not to be.
  public static final BitField URG = bit("URG", 14);

  /// The entry is in posted format.
  public static final BitField IM = bit("IM", 15);

  /// Vector.
  public static final BitField V = bits("V", 23, 16);

  /// Posted format: virtual vector, the bit that is set in the descriptor.
  public static final BitField VV = bits("VV", 23, 16);

  /// Destination: a local APIC id of 32 bits; without extended mode, one of 8 bits in its bits 15
  /// to 8.
  public static final BitField DST = bits("DST", 63, 32);

  /// Posted format: descriptor address, bits 31 to 6.
  public static final BitField PDAL = bits("PDAL", 63, 38);

  /// Source-id the check is made with. (Bits 79 to 64.)
  public static final BitField SID = bits("SID", 15, 0);

  /// Source-id qualifier. (Bits 81 to 80.)
  public static final BitField SQ = bits("SQ", 17, 16);

  /// Source validation type. (Bits 83 to 82.)
  public static final BitField SVT = bits("SVT", 19, 18);

  /// Posted format: descriptor address, bits 63 to 32. (Bits 127 to 96.)
  public static final BitField PDAH = bits("PDAH", 63, 32);

  /// Fields of the low half in remapped format.
  public static final List<BitField> REMAPPED_LOW =
      List.of(DST, V, IM, AVAIL, DLM, TM, RH, DM, FPD, P);

  /// Fields of the high half in remapped format.
  public static final List<BitField> REMAPPED_HIGH = List.of(SVT, SQ, SID);

  /// Fields of the low half in posted format.
  public static final List<BitField> POSTED_LOW = List.of(PDAL, VV, IM, URG, AVAIL, FPD, P);

  /// Fields of the high half in posted format.
  public static final List<BitField> POSTED_HIGH = List.of(PDAH, SVT, SQ, SID);

  /// Bits of remapped format that must be 0.
  public static final long REMAPPED_RESERVED_LOW = 0xff00_7000L;

  /// Bits of DST that must be 0 without extended mode.
  public static final long UNEXTENDED_RESERVED_LOW = 0xffff_00ff_0000_0000L;

  public static final long REMAPPED_RESERVED_HIGH = 0xffff_ffff_fff0_0000L;

  /// Bits of posted format that must be 0, those of the address beyond the host's width aside.
  public static final long POSTED_RESERVED_LOW = 0x3f_ff00_30fcL;

  public static final long POSTED_RESERVED_HIGH = 0xfff0_0000L;

  private static final int UNEXTENDED_SHIFT = 40;

  /// A present entry that is remapped to an edge for one processor.
  ///
  /// @param destination value of DST, see [#destination]
  public static InterruptEntry remapped(int vector, int destination, SourceCheck source) {
    return new InterruptEntry(
        P.mask() | V.encode(vector) | DST.encode(Integer.toUnsignedLong(destination)),
        source.word());
  }

  /// A present entry whose interrupts are posted.
  ///
  /// @param descriptor address of a [PostedInterruptDescriptor]: host physical, 64-byte aligned
  /// @param virtualVector bit that is set in it
  public static InterruptEntry posted(long descriptor, int virtualVector, SourceCheck source) {
    return new InterruptEntry(
        P.mask()
            | IM.mask()
            | VV.encode(virtualVector)
            | PDAL.encode(descriptor >>> 6 & 0x3ff_ffff),
        PDAH.encode(descriptor >>> 32) | source.word());
  }

  /// Value of DST for local APIC `id` of 8 bits, where extended mode is off.
  public static int unextended(int id) {
    return (id & 0xff) << 8;
  }

  /// The entry with `bits` set in the low half, too.
  public InterruptEntry with(long bits) {
    return new InterruptEntry(lo | bits, hi);
  }

  /// The entry with another delivery mode.
  public InterruptEntry withDeliveryMode(DeliveryMode mode) {
    return new InterruptEntry(DLM.with(lo, mode.code()), hi);
  }

  public boolean isPresent() {
    return P.isSet(lo);
  }

  /// Whether faults are recorded: FPD is clear.
  public boolean recordsFaults() {
    return !FPD.isSet(lo);
  }

  /// Whether it is in posted format.
  public boolean isPosted() {
    return IM.isSet(lo);
  }

  /// Vector, or virtual vector.
  public int vector() {
    return V.intOf(lo);
  }

  /// Value of DLM.
  public int deliveryMode() {
    return DLM.intOf(lo);
  }

  /// Local APIC id, of 8 bits unless `extended`.
  public int destination(boolean extended) {
    return extended ? DST.intOf(lo) : (int) (lo >>> UNEXTENDED_SHIFT) & 0xff;
  }

  /// Address of the descriptor: host physical, 64-byte aligned.
  public long descriptor() {
    return PDAH.inPlace(hi) | PDAL.of(lo) << 6;
  }

  /// Whether software wants to be told whatever it asked for in the descriptor.
  public boolean isUrgent() {
    return URG.isSet(lo);
  }

  /// Value of SVT.
  public int sourceValidation() {
    return SVT.intOf(hi);
  }

  /// Value of SQ.
  public int sourceQualifier() {
    return SQ.intOf(hi);
  }

  /// Source-id, 16 bits.
  public int sourceId() {
    return SID.intOf(hi);
  }

  /// Address of entry `index` of the table at `table`.
  public static long address(long table, int index) {
    return table + (long) index * BYTES;
  }
}
