package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.Granularity;
import dev.portcullis.spec.register.QueueError;
import java.util.List;

/// Drops context-cache entries: all, those of a domain, or those of a device.
///
/// ```
///   63              50 49 48 47      32 31      16 15 12 11  9 8  6 5 4 3    0
///  +------------------+-----+----------+----------+-----+-----+----+---+------+
///  |        0         | FM  |   SID    |   DID    |  0  |TYPE |  0 | G | TYPE |
///  +------------------+-----+----------+----------+-----+-----+----+---+------+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64: all 0
/// @vtd 6.5.2.1 Context-cache Invalidate Descriptor
public record ContextCacheInvalidate(long lo, long hi) implements InvalidationDescriptor.Valid {
  public static final int TYPE = 1;

  public static final BitField G = bits("G", 5, 4);
  public static final BitField DID = bits("DID", 31, 16);
  public static final BitField SID = bits("SID", 47, 32);

  /// Low bits of the source-id to ignore: 0 none, 1 bit 2, 2 bits 2:1, 3 bits 2:0.
  public static final BitField FM = bits("FM", 49, 48);

  public static final List<BitField> LOW = List.of(FM, SID, DID, TYPE_HIGH, G, TYPE_LOW);
  public static final List<BitField> HIGH = List.of();
  public static final long RESERVED_LOW = 0xfffc_0000_0000_f1c0L;
  public static final long RESERVED_HIGH = -1L;

  /// Drops everything.
  public static ContextCacheInvalidate global() {
    return of(Granularity.GLOBAL, 0, 0);
  }

  /// Drops the entries of a domain.
  public static ContextCacheInvalidate domain(int domainId) {
    return of(Granularity.DOMAIN, domainId, 0);
  }

  /// Drops the entry of a device in a domain.
  public static ContextCacheInvalidate device(int domainId, int sourceId) {
    return of(Granularity.SELECTIVE, domainId, sourceId);
  }

  private static ContextCacheInvalidate of(Granularity granularity, int domainId, int sourceId) {
    return new ContextCacheInvalidate(
        TYPE_LOW.encode(TYPE)
            | G.encode(granularity.code())
            | DID.encode(domainId)
            | SID.encode(sourceId),
        0);
  }

  static InvalidationDescriptor decode(long lo, long hi) {
    boolean valid =
        (lo & RESERVED_LOW | hi & RESERVED_HIGH) == 0 && Granularity.of(G.intOf(lo)).isPresent();
    return valid ? new ContextCacheInvalidate(lo, hi) : new Invalid(QueueError.RESERVED_FIELD);
  }

  /// How much to drop.
  public Granularity granularity() {
    return Granularity.of(G.intOf(lo)).orElseThrow();
  }

  /// Domain-id, 16 bits.
  public int domainId() {
    return DID.intOf(lo);
  }

  /// Source-id, 16 bits.
  public int sourceId() {
    return SID.intOf(lo);
  }

  /// Function mask, as [#FM] says.
  public int functionMask() {
    return FM.intOf(lo);
  }
}
