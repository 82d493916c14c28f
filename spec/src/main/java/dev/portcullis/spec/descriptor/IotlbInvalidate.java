package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.Granularity;
import dev.portcullis.spec.register.QueueError;
import java.util.List;

/// Drops IOTLB and paging-structure-cache entries: all, those of a domain, or those of a range of
/// pages in a domain.
///
/// ```
///   63                  32 31      16 15 12 11  9  8  7  6  5 4 3    0
///  +----------------------+----------+-----+-----+--+--+--+---+------+
///  |          0           |   DID    |  0  |TYPE | 0|DR|DW| G | TYPE |
///  +----------------------+----------+-----+-----+--+--+--+---+------+
///  127                         76 75          71 70 69              64
///  +-----------------------------+--------------+--+-----------------+
///  |            ADDR             |      0       |IH|       AM        |
///  +-----------------------------+--------------+--+-----------------+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 6.5.2.3 IOTLB Invalidate Descriptor
public record IotlbInvalidate(long lo, long hi) implements InvalidationDescriptor.Valid {
  public static final int TYPE = 2;

  public static final BitField G = bits("G", 5, 4);

  /// Drain writes.
  public static final BitField DW = bit("DW", 6);

  /// Drain reads.
  public static final BitField DR = bit("DR", 7);

  public static final BitField DID = bits("DID", 31, 16);

  /// 2^AM pages. (Bits 69 to 64.)
  public static final BitField AM = bits("AM", 5, 0);

  /// Only leaf entries changed. (Bit 70.)
  public static final BitField IH = bit("IH", 6);

  /// First page, in place. (Bits 127 to 76.)
  public static final BitField ADDR = bits("ADDR", 63, 12);

  public static final List<BitField> LOW = List.of(DID, TYPE_HIGH, DR, DW, G, TYPE_LOW);
  public static final List<BitField> HIGH = List.of(ADDR, IH, AM);
  public static final long RESERVED_LOW = 0xffff_ffff_0000_f100L;
  public static final long RESERVED_HIGH = 0xf80;

  /// Drops everything, and drains.
  public static IotlbInvalidate global() {
    return of(Granularity.GLOBAL, 0, 0);
  }

  /// Drops what belongs to a domain, and drains.
  public static IotlbInvalidate domain(int domainId) {
    return of(Granularity.DOMAIN, domainId, 0);
  }

  /// Drops 2^`addressMask` pages of a domain from `address` on, and drains.
  public static IotlbInvalidate pages(int domainId, long address, int addressMask) {
    return of(Granularity.SELECTIVE, domainId, address | AM.encode(addressMask));
  }

  /// The same where only leaf entries changed.
  public IotlbInvalidate leafOnly() {
    return new IotlbInvalidate(lo, hi | IH.mask());
  }

  private static IotlbInvalidate of(Granularity granularity, int domainId, long hi) {
    return new IotlbInvalidate(
        TYPE_LOW.encode(TYPE)
            | G.encode(granularity.code())
            | DR.mask()
            | DW.mask()
            | DID.encode(domainId),
        hi);
  }

  static InvalidationDescriptor decode(long lo, long hi, Capability capability) {
    boolean valid =
        (lo & RESERVED_LOW | hi & RESERVED_HIGH) == 0
            && switch (G.intOf(lo)) {
              case 1, 2 -> true;
              case 3 ->
                  Capability.PSI.isSet(capability.word())
                      && AM.intOf(hi) <= capability.maximumAddressMask();
              default -> false;
            };
    return valid ? new IotlbInvalidate(lo, hi) : new Invalid(QueueError.RESERVED_FIELD);
  }

  /// How much to drop.
  public Granularity granularity() {
    return Granularity.of(G.intOf(lo)).orElseThrow();
  }

  /// Whether reads of before must have ended, too.
  public boolean drainsReads() {
    return DR.isSet(lo);
  }

  /// Whether writes of before must have ended, too.
  public boolean drainsWrites() {
    return DW.isSet(lo);
  }

  /// Domain-id, 16 bits.
  public int domainId() {
    return DID.intOf(lo);
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
