package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.QueueError;
import java.util.List;

/// Drops what IOTLB and paging-structure caches hold of the first stage of one PASID: all, or a
/// range of pages.
///
/// ```
///   63        52 51      32 31      16 15 12 11  9 8  6 5 4 3    0
///  +------------+----------+----------+-----+-----+----+---+------+
///  |      0     |  PASID   |   DID    |  0  |TYPE |  0 | G | TYPE |
///  +------------+----------+----------+-----+-----+----+---+------+
///  127                         76 75          71 70 69           64
///  +-----------------------------+--------------+--+--------------+
///  |            ADDR             |      0       |IH|      AM      |
///  +-----------------------------+--------------+--+--------------+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 6.5.2.4 PASID-based-IOTLB Invalidate Descriptor
public record PasidIotlbInvalidate(long lo, long hi) implements InvalidationDescriptor.Valid {
  public static final int TYPE = 6;

  /// 2 for everything of a PASID, 3 for a range of pages.
  public static final BitField G = bits("G", 5, 4);

  public static final BitField DID = bits("DID", 31, 16);
  public static final BitField PASID = bits("PASID", 51, 32);

  /// 2^AM pages; any value. (Bits 69 to 64.)
  public static final BitField AM = bits("AM", 5, 0);

  /// Only leaf entries changed. (Bit 70.)
  public static final BitField IH = bit("IH", 6);

  /// First page, in place. (Bits 127 to 76.)
  public static final BitField ADDR = bits("ADDR", 63, 12);

  public static final List<BitField> LOW = List.of(PASID, DID, TYPE_HIGH, G, TYPE_LOW);
  public static final List<BitField> HIGH = List.of(ADDR, IH, AM);
  public static final long RESERVED_LOW = 0xfff0_0000_0000_f1c0L;
  public static final long RESERVED_HIGH = 0xf80;

  private static final int WHOLE_PASID = 2;
  private static final int PAGES_IN_PASID = 3;

  /// Drops everything of a PASID.
  public static PasidIotlbInvalidate pasid(int domainId, int pasid) {
    return of(WHOLE_PASID, domainId, pasid, 0);
  }

  /// Drops 2^`addressMask` pages of a PASID around `address`.
  public static PasidIotlbInvalidate pages(int domainId, int pasid, long address, int addressMask) {
    return of(PAGES_IN_PASID, domainId, pasid, ADDR.inPlace(address) | AM.encode(addressMask));
  }

  /// The same where only leaf entries changed.
  public PasidIotlbInvalidate leafOnly() {
    return new PasidIotlbInvalidate(lo, hi | IH.mask());
  }

  private static PasidIotlbInvalidate of(int granularity, int domainId, int pasid, long hi) {
    return new PasidIotlbInvalidate(
        TYPE_LOW.encode(TYPE) | G.encode(granularity) | DID.encode(domainId) | PASID.encode(pasid),
        hi);
  }

  static InvalidationDescriptor decode(long lo, long hi) {
    boolean valid = (lo & RESERVED_LOW | hi & RESERVED_HIGH) == 0 && G.intOf(lo) >= WHOLE_PASID;
    return valid ? new PasidIotlbInvalidate(lo, hi) : new Invalid(QueueError.RESERVED_FIELD);
  }

  /// Whether a range of pages is meant, and not the whole PASID.
  public boolean isForPages() {
    return G.intOf(lo) == PAGES_IN_PASID;
  }

  /// Domain-id, 16 bits.
  public int domainId() {
    return DID.intOf(lo);
  }

  /// PASID, 20 bits.
  public int pasid() {
    return PASID.intOf(lo);
  }

  /// Logarithm of the number of pages, 0 to 63.
  public int addressMask() {
    return AM.intOf(hi);
  }

  /// Whether paging-structure caches may stay: only leaf entries changed.
  public boolean isLeafOnly() {
    return IH.isSet(hi);
  }

  /// Address of the first page.
  public long address() {
    return ADDR.inPlace(hi);
  }
}
