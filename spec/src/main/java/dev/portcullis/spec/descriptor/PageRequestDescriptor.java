package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import java.util.List;

/// A device asks for a page: an entry of the page-request queue, 256 bits. The unit writes it,
/// software reads it.
///
/// ```
///   63     54 53  52 51      32 31      16 15   9  8  7        0
///  +---------+---+---+---------+----------+-------+--+----------+
///  |    0    |PMR|EXR|  PASID  |   RID    |   0   |PP|   TYPE   |
///  +---------+---+---+---------+----------+-------+--+----------+
///  127                       76 75        67  66   65   64
///  +---------------------------+------------+----+----+----+
///  |            ADDR           |    PRGI    |LPIG| WRR| RDR|
///  +---------------------------+------------+----+----+----+
/// ```
///
/// Bits 255 to 128 are 0.
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 11.4.11 Page Request Queue Registers
/// @pcie 10.4.1 Page Request Message
public record PageRequestDescriptor(long lo, long hi) {
  /// Size of an entry.
  public static final int BYTES = 32;

  /// The only type there is.
  public static final int PAGE_REQUEST = 1;

  public static final BitField TYPE = bits("TYPE", 7, 0);

  /// The request has a PASID.
  public static final BitField PP = bit("PP", 8);

  /// Requester id.
  public static final BitField RID = bits("RID", 31, 16);

  public static final BitField PASID = bits("PASID", 51, 32);

  /// The right to execute is wanted.
  public static final BitField EXR = bit("EXR", 52);

  /// Privileged mode is wanted.
  public static final BitField PMR = bit("PMR", 53);

  /// The right to read is wanted. (Bit 64.)
  public static final BitField RDR = bit("RDR", 0);

  /// The right to write is wanted. (Bit 65.)
  public static final BitField WRR = bit("WRR", 1);

  /// Last of its group, and so to be answered. (Bit 66.)
  public static final BitField LPIG = bit("LPIG", 2);

  /// Index of the group. (Bits 75 to 67.)
  public static final BitField PRGI = bits("PRGI", 11, 3);

  /// The page, in place. (Bits 127 to 76.)
  public static final BitField ADDR = bits("ADDR", 63, 12);

  public static final List<BitField> LOW = List.of(PMR, EXR, PASID, RID, PP, TYPE);
  public static final List<BitField> HIGH = List.of(ADDR, PRGI, LPIG, WRR, RDR);
  public static final long RESERVED_LOW = 0xffc0_0000_0000_fe00L;
  public static final long RESERVED_HIGH = 0;

  /// A request without PASID.
  ///
  /// @param flags of [#RDR], [#WRR] and [#LPIG]
  public static PageRequestDescriptor of(int requesterId, long address, int group, long flags) {
    return new PageRequestDescriptor(
        TYPE.encode(PAGE_REQUEST) | RID.encode(requesterId),
        ADDR.inPlace(address) | PRGI.encode(group & 0x1ff) | flags);
  }

  /// The same with a PASID.
  ///
  /// @param flags of [#EXR] and [#PMR]
  public PageRequestDescriptor withPasid(int pasid, long flags) {
    return new PageRequestDescriptor(lo | PP.mask() | PASID.encode(pasid) | flags, hi);
  }

  /// Who asks, 16 bits.
  public int requesterId() {
    return RID.intOf(lo);
  }

  public boolean hasPasid() {
    return PP.isSet(lo);
  }

  /// PASID, 20 bits.
  public int pasid() {
    return PASID.intOf(lo);
  }

  public boolean wantsExecute() {
    return EXR.isSet(lo);
  }

  public boolean wantsPrivilege() {
    return PMR.isSet(lo);
  }

  public boolean wantsRead() {
    return RDR.isSet(hi);
  }

  public boolean wantsWrite() {
    return WRR.isSet(hi);
  }

  /// Whether it is to be answered.
  public boolean isLast() {
    return LPIG.isSet(hi);
  }

  /// Index of the group, 9 bits.
  public int group() {
    return PRGI.intOf(hi);
  }

  /// Address of the page.
  public long address() {
    return ADDR.inPlace(hi);
  }
}
