package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.QueueError;
import java.util.List;

/// Tells software when everything before it is done: by a write to memory, by an interrupt, or
/// both.
///
/// ```
///   63                      32 31       12 11  9  8  7  6  5  4 3    0
///  +--------------------------+-----------+-----+--+--+--+--+--+------+
///  |           DATA           |     0     |TYPE | 0|PD|FN|SW|IF| TYPE |
///  +--------------------------+-----------+-----+--+--+--+--+--+------+
///  127                                                  66 65     64
///  +------------------------------------------------------+---------+
///  |                        ADDRESS                       |    0    |
///  +------------------------------------------------------+---------+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 6.5.2.8 Invalidation Wait Descriptor
public record InvalidationWait(long lo, long hi) implements InvalidationDescriptor.Valid {
  public static final int TYPE = 5;

  /// Raise an invalidation completion event.
  public static final BitField IF = bit("IF", 4);

  /// Write the status.
  public static final BitField SW = bit("SW", 5);

  /// Nothing after it may begin before it is done.
  public static final BitField FN = bit("FN", 6);

  /// Page requests of before are in their queue first.
  public static final BitField PD = bit("PD", 7);

  public static final BitField DATA = bits("DATA", 63, 32);

  /// Where the status goes, in place. (Bits 127 to 66.)
  public static final BitField ADDRESS = bits("ADDRESS", 63, 2);

  public static final List<BitField> LOW = List.of(DATA, TYPE_HIGH, PD, FN, SW, IF, TYPE_LOW);
  public static final List<BitField> HIGH = List.of(ADDRESS);
  public static final long RESERVED_LOW = 0xffff_f100L;
  public static final long RESERVED_HIGH = 3;

  /// Writes `data` to `address` when done.
  public static InvalidationWait status(long address, int data) {
    return new InvalidationWait(
        TYPE_LOW.encode(TYPE) | SW.mask() | DATA.encode(data & 0xffff_ffffL), address);
  }

  /// Raises an event when done.
  public static InvalidationWait interrupt() {
    return new InvalidationWait(TYPE_LOW.encode(TYPE) | IF.mask(), 0);
  }

  /// Nothing but an end to what is before: software is told by nothing.
  public static InvalidationWait silent() {
    return new InvalidationWait(TYPE_LOW.encode(TYPE), 0);
  }

  /// The same, and an event when done.
  public InvalidationWait raisingEvent() {
    return new InvalidationWait(lo | IF.mask(), hi);
  }

  /// The same, and nothing after it begins before it is done.
  public InvalidationWait fencing() {
    return new InvalidationWait(lo | FN.mask(), hi);
  }

  /// The same, and done only when page requests of before are in their queue.
  public InvalidationWait drainingPageRequests() {
    return new InvalidationWait(lo | PD.mask(), hi);
  }

  static InvalidationDescriptor decode(long lo, long hi, boolean pageRequestDrain) {
    long reserved = pageRequestDrain ? RESERVED_LOW : RESERVED_LOW | PD.mask();
    boolean valid = (lo & reserved | hi & RESERVED_HIGH) == 0;
    return valid ? new InvalidationWait(lo, hi) : new Invalid(QueueError.RESERVED_FIELD);
  }

  public boolean raisesEvent() {
    return IF.isSet(lo);
  }

  public boolean writesStatus() {
    return SW.isSet(lo);
  }

  /// Whether nothing after it may begin before it is done.
  public boolean isFence() {
    return FN.isSet(lo);
  }

  /// Whether page requests of before must be in their queue first.
  public boolean drainsPageRequests() {
    return PD.isSet(lo);
  }

  /// What to write.
  public int statusData() {
    return DATA.intOf(lo);
  }

  /// Where to write it: host physical, a multiple of 4.
  public long statusAddress() {
    return ADDRESS.inPlace(hi);
  }
}
