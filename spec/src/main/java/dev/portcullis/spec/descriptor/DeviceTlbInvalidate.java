package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.QueueError;
import java.util.List;

/// Makes a device forget translations of its requests without PASID.
///
/// ```
///   63       52 51 48 47      32 31  21 20   16 15      12 11  9 8  4 3    0
///  +-----------+-----+----------+------+-------+----------+-----+----+------+
///  |PFSID[15:4]|  0  |   SID    |   0  |  MIP  |PFSID[3:0]|TYPE |  0 | TYPE |
///  +-----------+-----+----------+------+-------+----------+-----+----+------+
///  127                                  76 75                        65 64
///  +--------------------------------------+----------------------------+--+
///  |                 ADDR                 |              0             | S|
///  +--------------------------------------+----------------------------+--+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 6.5.2.5 Device-TLB Invalidate Descriptor
public record DeviceTlbInvalidate(long lo, long hi) implements InvalidationDescriptor.Valid {
  public static final int TYPE = 3;

  /// Physical function of the device, low bits; there with the invalidation throttle only.
  public static final BitField PFSID_LOW = bits("PFSID[3:0]", 15, 12);

  /// Most invalidations that may be under way for that function; 0 stands for 32.
  public static final BitField MIP = bits("MIP", 20, 16);

  public static final BitField SID = bits("SID", 47, 32);
  public static final BitField PFSID_HIGH = bits("PFSID[15:4]", 63, 52);

  /// More than one page: the lowest zero bit of ADDR tells how many. (Bit 64.)
  public static final BitField S = bit("S", 0);

  /// First page, in place, and the code of the size. (Bits 127 to 76.)
  public static final BitField ADDR = bits("ADDR", 63, 12);

  public static final List<BitField> LOW =
      List.of(PFSID_HIGH, SID, MIP, PFSID_LOW, TYPE_HIGH, TYPE_LOW);
  public static final List<BitField> HIGH = List.of(ADDR, S);
  public static final long RESERVED_LOW = 0x000f_0000_ffe0_01f0L;
  public static final long RESERVED_HIGH = 0xffe;

  /// Makes device `sourceId` forget 2^`pageLog2` 4-KiB pages around `address`; with 52 or more, all
  /// there are.
  public static DeviceTlbInvalidate pages(int sourceId, long address, int pageLog2) {
    return new DeviceTlbInvalidate(
        TYPE_LOW.encode(TYPE) | SID.encode(sourceId),
        DeviceRange.address(address, pageLog2) | S.encode(pageLog2 == 0 ? 0 : 1));
  }

  /// Makes device `sourceId` forget everything.
  public static DeviceTlbInvalidate all(int sourceId) {
    return pages(sourceId, 0, DeviceRange.EVERYTHING);
  }

  /// The same with the physical function and the limit of invalidations under way, 1 to 32.
  public DeviceTlbInvalidate throttled(int physicalFunction, int limit) {
    return new DeviceTlbInvalidate(
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
    return valid ? new DeviceTlbInvalidate(lo, hi) : new Invalid(QueueError.RESERVED_FIELD);
  }

  /// Source-id of the device, 16 bits.
  public int sourceId() {
    return SID.intOf(lo);
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
    return ADDR.inPlace(hi) | (S.isSet(hi) ? DeviceRange.S : 0);
  }
}
