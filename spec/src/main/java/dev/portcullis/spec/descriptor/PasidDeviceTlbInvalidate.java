package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.QueueError;
import java.util.List;

/// Makes a device forget translations of its requests with one PASID, or with any.
///
/// ```
///   63       52 51      32 31      16 15      12 11  9 8    4 3    0
///  +-----------+----------+----------+----------+-----+------+------+
///  |PFSID[15:4]|  PASID   |   SID    |PFSID[3:0]|TYPE |  MIP | TYPE |
///  +-----------+----------+----------+----------+-----+------+------+
///  127                                76 75  74              65 64
///  +------------------------------------+---+------------------+----+
///  |                ADDR                | S |         0        | GI |
///  +------------------------------------+---+------------------+----+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 6.5.2.6 PASID-based-Device-TLB Invalidate Descriptor
public record PasidDeviceTlbInvalidate(long lo, long hi) implements InvalidationDescriptor.Valid {
  public static final int TYPE = 8;

  /// Most invalidations that may be under way for the physical function; 0 stands for 32.
  public static final BitField MIP = bits("MIP", 8, 4);

  /// Physical function of the device, low bits; there with the invalidation throttle only.
  public static final BitField PFSID_LOW = bits("PFSID[3:0]", 15, 12);

  public static final BitField SID = bits("SID", 31, 16);

  /// Says nothing where GI is set.
  public static final BitField PASID = bits("PASID", 51, 32);

  public static final BitField PFSID_HIGH = bits("PFSID[15:4]", 63, 52);

  /// Every PASID is meant. (Bit 64.)
  public static final BitField GI = bit("GI", 0);

  /// More than one page: the lowest zero bit of ADDR tells how many. (Bit 75.)
  public static final BitField S = bit("S", 11);

  /// First page, in place, and the code of the size. (Bits 127 to 76.)
  public static final BitField ADDR = bits("ADDR", 63, 12);

  public static final List<BitField> LOW =
      List.of(PFSID_HIGH, PASID, SID, PFSID_LOW, TYPE_HIGH, MIP, TYPE_LOW);
  public static final List<BitField> HIGH = List.of(ADDR, S, GI);
  public static final long RESERVED_LOW = 0;
  public static final long RESERVED_HIGH = 0x7fe;

  /// Makes device `sourceId` forget 2^`pageLog2` 4-KiB pages of `pasid` around `address`; with 52
  /// or more, all there are.
  public static PasidDeviceTlbInvalidate pages(
      int sourceId, int pasid, long address, int pageLog2) {
    return new PasidDeviceTlbInvalidate(
        TYPE_LOW.encode(TYPE) | SID.encode(sourceId) | PASID.encode(pasid),
        DeviceRange.address(address, pageLog2) | S.encode(pageLog2 == 0 ? 0 : 1));
  }

  /// Makes device `sourceId` forget everything of `pasid`.
  public static PasidDeviceTlbInvalidate all(int sourceId, int pasid) {
    return pages(sourceId, pasid, 0, DeviceRange.EVERYTHING);
  }

  /// Makes device `sourceId` forget everything of every PASID.
  public static PasidDeviceTlbInvalidate allPasids(int sourceId) {
    PasidDeviceTlbInvalidate one = all(sourceId, 0);
    return new PasidDeviceTlbInvalidate(one.lo, one.hi | GI.mask());
  }

  /// The same with the physical function and the limit of invalidations under way, 1 to 32.
  public PasidDeviceTlbInvalidate throttled(int physicalFunction, int limit) {
    return new PasidDeviceTlbInvalidate(
        lo
            | PFSID_LOW.encode(physicalFunction & 15)
            | PFSID_HIGH.encode(physicalFunction >>> 4)
            | MIP.encode(limit & 31),
        hi);
  }

  static InvalidationDescriptor decode(long lo, long hi, Capabilities capabilities) {
    boolean throttle = capabilities.has(Feature.DEVICE_TLB_INVALIDATION_THROTTLE);
    long reserved = throttle ? RESERVED_LOW : RESERVED_LOW | PFSID_LOW.mask() | PFSID_HIGH.mask();
    boolean valid = (lo & reserved | hi & RESERVED_HIGH) == 0;
    return valid ? new PasidDeviceTlbInvalidate(lo, hi) : new Invalid(QueueError.RESERVED_FIELD);
  }

  /// Source-id of the device, 16 bits.
  public int sourceId() {
    return SID.intOf(lo);
  }

  /// PASID, 20 bits.
  public int pasid() {
    return PASID.intOf(lo);
  }

  /// Whether every PASID is meant.
  public boolean isForAllPasids() {
    return GI.isSet(hi);
  }

  /// Source-id of its physical function, 16 bits.
  public int physicalFunction() {
    return PFSID_HIGH.intOf(lo) << 4 | PFSID_LOW.intOf(lo);
  }

  /// Most invalidations that may be under way, 1 to 32.
  public int limit() {
    int limit = MIP.intOf(lo);
    return limit == 0 ? 32 : limit;
  }

  /// The range as an invalidate request has it: address, and S in bit 11.
  public long pages() {
    return ADDR.inPlace(hi) | S.inPlace(hi);
  }
}
