package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.QueueError;
import java.util.List;

/// Drops PASID-cache entries: all, those of a domain, or those of a PASID in a domain.
///
/// ```
///   63        52 51      32 31      16 15 12 11  9 8  6 5 4 3    0
///  +------------+----------+----------+-----+-----+----+---+------+
///  |      0     |  PASID   |   DID    |  0  |TYPE |  0 | G | TYPE |
///  +------------+----------+----------+-----+-----+----+---+------+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64: all 0
/// @vtd 6.5.2.2 PASID-cache Invalidate Descriptor
public record PasidCacheInvalidate(long lo, long hi) implements InvalidationDescriptor.Valid {
  public static final int TYPE = 7;

  /// Codes of its own, see [Scope].
  public static final BitField G = bits("G", 5, 4);

  public static final BitField DID = bits("DID", 31, 16);
  public static final BitField PASID = bits("PASID", 51, 32);

  public static final List<BitField> LOW = List.of(PASID, DID, TYPE_HIGH, G, TYPE_LOW);
  public static final List<BitField> HIGH = List.of();
  public static final long RESERVED_LOW = 0xfff0_0000_0000_f1c0L;
  public static final long RESERVED_HIGH = -1L;

  private static final int RESERVED_SCOPE = 2;

  /// How much to drop.
  public enum Scope {
    DOMAIN(0),
    PASID(1),
    GLOBAL(3);

    private final int code;

    Scope(int code) {
      this.code = code;
    }
  }

  /// Drops everything.
  public static PasidCacheInvalidate global() {
    return of(Scope.GLOBAL, 0, 0);
  }

  /// Drops the entries of a domain.
  public static PasidCacheInvalidate domain(int domainId) {
    return of(Scope.DOMAIN, domainId, 0);
  }

  /// Drops the entries of a PASID in a domain.
  public static PasidCacheInvalidate pasid(int domainId, int pasid) {
    return of(Scope.PASID, domainId, pasid);
  }

  private static PasidCacheInvalidate of(Scope scope, int domainId, int pasid) {
    return new PasidCacheInvalidate(
        TYPE_LOW.encode(TYPE) | G.encode(scope.code) | DID.encode(domainId) | PASID.encode(pasid),
        0);
  }

  static InvalidationDescriptor decode(long lo, long hi) {
    boolean valid = (lo & RESERVED_LOW | hi & RESERVED_HIGH) == 0 && G.intOf(lo) != RESERVED_SCOPE;
    return valid ? new PasidCacheInvalidate(lo, hi) : new Invalid(QueueError.RESERVED_FIELD);
  }

  /// How much to drop.
  public Scope scope() {
    return switch (G.intOf(lo)) {
      case 0 -> Scope.DOMAIN;
      case 1 -> Scope.PASID;
      default -> Scope.GLOBAL;
    };
  }

  /// Domain-id, 16 bits.
  public int domainId() {
    return DID.intOf(lo);
  }

  /// PASID, 20 bits.
  public int pasid() {
    return PASID.intOf(lo);
  }
}
