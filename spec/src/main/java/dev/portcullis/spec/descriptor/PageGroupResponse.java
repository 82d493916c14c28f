package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.QueueError;
import java.util.List;

/// Answers a group of page requests.
///
/// ```
///   63        52 51      32 31      16 15  12 11  9 8  5  4  3    0
///  +------------+----------+----------+------+-----+----+--+------+
///  |      0     |  PASID   |   RID    |  RC  |TYPE |  0 |PP| TYPE |
///  +------------+----------+----------+------+-----+----+--+------+
///  127                         76 75          67  66  65       64
///  +-----------------------------+--------------+---+------------+
///  |              0              |     PRGI     | - |      0     |
///  +-----------------------------+--------------+---+------------+
/// ```
///
/// Bit 66 is ignored: it once told the last request of the group.
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 6.5.2 Queued Invalidation Interface
/// @pcie 10.4.2 Page Request Group Response Message
public record PageGroupResponse(long lo, long hi) implements InvalidationDescriptor.Valid {
  public static final int TYPE = 9;

  /// The requests had a PASID.
  public static final BitField PP = bit("PP", 4);

  /// What the device is told: 0 success, 1 invalid request, 15 failure.
  public static final BitField RC = bits("RC", 15, 12);

  /// Requester id.
  public static final BitField RID = bits("RID", 31, 16);

  /// Says nothing where PP is clear.
  public static final BitField PASID = bits("PASID", 51, 32);

  /// Ignored. (Bit 66.)
  public static final BitField IGNORED = bit("IGN", 2);

  /// Index of the group. (Bits 75 to 67.)
  public static final BitField PRGI = bits("PRGI", 11, 3);

  public static final List<BitField> LOW = List.of(PASID, RID, RC, TYPE_HIGH, PP, TYPE_LOW);
  public static final List<BitField> HIGH = List.of(PRGI, IGNORED);
  public static final long RESERVED_LOW = 0xfff0_0000_0000_01e0L;
  public static final long RESERVED_HIGH = 0xffff_ffff_ffff_f003L;

  /// Answers requests without PASID.
  ///
  /// @param group index of the group, 9 bits
  /// @param code 0 success, 1 invalid request, 15 failure
  public static PageGroupResponse of(int requesterId, int group, int code) {
    return new PageGroupResponse(
        TYPE_LOW.encode(TYPE) | RC.encode(code) | RID.encode(requesterId), PRGI.encode(group));
  }

  /// The same for requests with `pasid`.
  public PageGroupResponse withPasid(int pasid) {
    return new PageGroupResponse(PASID.with(lo, pasid) | PP.mask(), hi);
  }

  static InvalidationDescriptor decode(long lo, long hi) {
    boolean valid = (lo & RESERVED_LOW | hi & RESERVED_HIGH) == 0;
    return valid ? new PageGroupResponse(lo, hi) : new Invalid(QueueError.RESERVED_FIELD);
  }

  /// Whether the requests had a PASID.
  public boolean hasPasid() {
    return PP.isSet(lo);
  }

  /// PASID, 20 bits.
  public int pasid() {
    return PASID.intOf(lo);
  }

  /// Who is answered, 16 bits.
  public int requesterId() {
    return RID.intOf(lo);
  }

  /// What it is told, 4 bits.
  public int code() {
    return RC.intOf(lo);
  }

  /// Index of the group, 9 bits.
  public int group() {
    return PRGI.intOf(hi);
  }
}
