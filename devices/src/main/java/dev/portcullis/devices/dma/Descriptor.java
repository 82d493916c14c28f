package dev.portcullis.devices.dma;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/// What a channel is to do: 64 bytes in the channel's ring, little-endian.
///
/// ```
///       63             32 31      16 15     8 7      0
///  +00 |      tag        |    0     | flags  | opcode |
///  +08 |                   source                     |
///  +10 |                destination                   |
///  +18 |       0         |          length            |
///  +20 |                  operand                     |
///  +28 |             expected operand                 |
///  +30 |       address of the completion record       |
///  +38 |                     0                        |
/// ```
///
/// @param tag what its completion record will repeat
/// @param lengthBytes of a copy or a fill, 32 bits
/// @param operand pattern of a fill, operand of an atomic operation
/// @param expected what a compare-and-swap compares with
/// @param record address of the completion record, a multiple of 32
record Descriptor(
    Opcode opcode,
    int flags,
    int tag,
    long source,
    long destination,
    long lengthBytes,
    long operand,
    long expected,
    long record) {
  static final int BYTES = 64;

  /// Length of a completion record; its address is a multiple of it, and so it crosses no page.
  static final long RECORD_BYTES = 32;

  static final int WRITE_RECORD = 1;
  static final int INTERRUPT = 1 << 1;
  static final int NARROW = 1 << 2;
  static final int ASK_FOR_NO_PAGE = 1 << 3;
  private static final int ALL_FLAGS = 0xf;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// What there is to do; the ordinal is the code.
  enum Opcode {
    NOTHING,
    COPY,
    FILL,
    FETCH_ADD,
    SWAP,
    COMPARE_SWAP;

    private static final Opcode[] ALL = values();

    boolean isAtomic() {
      return this == FETCH_ADD || this == SWAP || this == COMPARE_SWAP;
    }
  }

  /// Reads what lies in `bytes`.
  ///
  /// @return the descriptor; its opcode is `null` if it says something it cannot say, and then all
  ///   that counts of the rest are flags, tag and record
  static Descriptor decode(MemorySegment bytes) {
    long first = bytes.get(LONG, 0);
    long length = bytes.get(LONG, 0x18);
    Descriptor descriptor =
        new Descriptor(
            opcode((int) first & 0xff).orElse(null),
            (int) first >>> 8 & 0xff,
            (int) (first >>> 32),
            bytes.get(LONG, 0x08),
            bytes.get(LONG, 0x10),
            length & 0xffff_ffffL,
            bytes.get(LONG, 0x20),
            bytes.get(LONG, 0x28),
            bytes.get(LONG, 0x30) & -RECORD_BYTES);
    boolean clean =
        (first >>> 16 & 0xffff) == 0
            && length >>> 32 == 0
            && bytes.get(LONG, 0x38) == 0
            && descriptor.isSensible();
    return clean ? descriptor : descriptor.bad();
  }

  private static Optional<Opcode> opcode(int code) {
    return code < Opcode.ALL.length ? Optional.of(Opcode.ALL[code]) : Optional.empty();
  }

  private boolean isSensible() {
    return opcode != null
        && (flags & ~ALL_FLAGS) == 0
        && (!has(NARROW) || opcode.isAtomic())
        && (!opcode.isAtomic() || (destination & widthBytes() - 1) == 0);
  }

  private Descriptor bad() {
    return new Descriptor(
        null, flags, tag, source, destination, lengthBytes, operand, expected, record);
  }

  boolean isBad() {
    return opcode == null;
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /// Bytes of the word of an atomic operation.
  int widthBytes() {
    return has(NARROW) ? 4 : 8;
  }
}
