package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.QueueError;
import java.util.List;

/// Drops interrupt remapping entries: all, or those of a range of indices.
///
/// ```
///   63       48 47       32 31   27 26        12 11  9 8     5  4  3    0
///  +-----------+-----------+-------+------------+-----+-------+---+------+
///  |     0     |   IIDX    |  IM   |      0     |TYPE |   0   | G | TYPE |
///  +-----------+-----------+-------+------------+-----+-------+---+------+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64: all 0
/// @vtd 6.5.2.7 Interrupt Entry Cache Invalidate Descriptor
public record InterruptCacheInvalidate(long lo, long hi) implements InvalidationDescriptor.Valid {
  public static final int TYPE = 4;

  /// A range of indices, not all.
  public static final BitField G = bit("G", 4);

  /// 2^IM indices.
  public static final BitField IM = bits("IM", 31, 27);

  /// First index; its low IM bits do not count.
  public static final BitField IIDX = bits("IIDX", 47, 32);

  public static final List<BitField> LOW = List.of(IIDX, IM, TYPE_HIGH, G, TYPE_LOW);
  public static final List<BitField> HIGH = List.of();
  public static final long RESERVED_LOW = 0xffff_0000_07ff_f1e0L;
  public static final long RESERVED_HIGH = -1L;

  /// Drops everything.
  public static InterruptCacheInvalidate global() {
    return new InterruptCacheInvalidate(TYPE_LOW.encode(TYPE), 0);
  }

  /// Drops 2^`indexMask` entries around `index`.
  public static InterruptCacheInvalidate indices(int index, int indexMask) {
    return new InterruptCacheInvalidate(
        TYPE_LOW.encode(TYPE) | G.mask() | IM.encode(indexMask) | IIDX.encode(index), 0);
  }

  static InvalidationDescriptor decode(long lo, long hi, ExtendedCapability extended) {
    boolean valid =
        (lo & RESERVED_LOW | hi & RESERVED_HIGH) == 0
            && (!G.isSet(lo) || IM.of(lo) <= ExtendedCapability.MHMV.of(extended.word()));
    return valid ? new InterruptCacheInvalidate(lo, hi) : new Invalid(QueueError.RESERVED_FIELD);
  }

  /// Whether everything is meant.
  public boolean isGlobal() {
    return !G.isSet(lo);
  }

  /// First index, 16 bits.
  public int index() {
    return IIDX.intOf(lo);
  }

  /// Logarithm of the number of indices.
  public int indexMask() {
    return IM.intOf(lo);
  }
}
