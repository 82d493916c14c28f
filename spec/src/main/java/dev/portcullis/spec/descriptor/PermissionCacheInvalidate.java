package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.Granularity;
import dev.portcullis.spec.register.QueueError;
import java.util.List;

/// Drops what is remembered of host permission tables: all, what belongs to a domain of such
/// tables, or a range of pages of one.
///
/// ```
///   63                    32 31      16 15 12 11  9 8  6 5 4 3    0
///  +------------------------+----------+-----+-----+----+---+------+
///  |           0            |  HPTDID  |  0  |TYPE |  0 | G | TYPE |
///  +------------------------+----------+-----+-----+----+---+------+
///  127                         76 75       72 71 70 69           64
///  +-----------------------------+-----------+-----+--------------+
///  |            ADDR             |     0     |  IH |      AM      |
///  +-----------------------------+-----------+-----+--------------+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 6.5.2 Queued Invalidation Interface
public record PermissionCacheInvalidate(long lo, long hi) implements InvalidationDescriptor.Valid {
  public static final int TYPE = 10;

  public static final BitField G = bits("G", 5, 4);
  public static final BitField HPTDID = bits("HPTDID", 31, 16);

  /// 2^AM pages. (Bits 69 to 64.)
  public static final BitField AM = bits("AM", 5, 0);

  /// Entries of levels 1 to IH + 1 changed. (Bits 71 and 70.)
  public static final BitField IH = bits("IH", 7, 6);

  /// First page, in place: host physical. (Bits 127 to 76.)
  public static final BitField ADDR = bits("ADDR", 63, 12);

  public static final List<BitField> LOW = List.of(HPTDID, TYPE_HIGH, G, TYPE_LOW);
  public static final List<BitField> HIGH = List.of(ADDR, IH, AM);
  public static final long RESERVED_LOW = 0xffff_ffff_0000_f1c0L;
  public static final long RESERVED_HIGH = 0xf00;

  /// Drops everything.
  public static PermissionCacheInvalidate global() {
    return of(Granularity.GLOBAL, 0, 0);
  }

  /// Drops entries of levels 1 to `levels` (1 to 4) of a domain.
  public static PermissionCacheInvalidate domain(int permissionDomain, int levels) {
    return of(Granularity.DOMAIN, permissionDomain, IH.encode(levels - 1L));
  }

  /// Drops entries of levels 1 to `levels` (1 to 4) for 2^`addressMask` pages of a domain around
  /// host physical `address`.
  public static PermissionCacheInvalidate pages(
      int permissionDomain, long address, int addressMask, int levels) {
    return of(
        Granularity.SELECTIVE,
        permissionDomain,
        ADDR.inPlace(address) | AM.encode(addressMask) | IH.encode(levels - 1L));
  }

  private static PermissionCacheInvalidate of(Granularity granularity, int domain, long hi) {
    return new PermissionCacheInvalidate(
        TYPE_LOW.encode(TYPE) | G.encode(granularity.code()) | HPTDID.encode(domain), hi);
  }

  static InvalidationDescriptor decode(long lo, long hi) {
    boolean valid =
        (lo & RESERVED_LOW | hi & RESERVED_HIGH) == 0 && Granularity.of(G.intOf(lo)).isPresent();
    return valid ? new PermissionCacheInvalidate(lo, hi) : new Invalid(QueueError.RESERVED_FIELD);
  }

  /// How much to drop.
  public Granularity granularity() {
    return Granularity.of(G.intOf(lo)).orElseThrow();
  }

  /// Domain-id of permission tables, 16 bits.
  public int permissionDomain() {
    return HPTDID.intOf(lo);
  }

  /// Logarithm of the number of pages, 0 to 63.
  public int addressMask() {
    return AM.intOf(hi);
  }

  /// The highest level that changed, 1 to 4.
  public int levels() {
    return IH.intOf(hi) + 1;
  }

  /// Address of the first page: host physical.
  public long address() {
    return ADDR.inPlace(hi);
  }
}
