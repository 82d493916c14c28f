package dev.portcullis.vfiouser.wire;

import dev.portcullis.linux.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Little-endian numbers at any alignment, and the limits that both sides know.
public final class Wire {
  /// Bytes of data one message may move, if the peer agrees.
  ///
  /// @vfiouser 0 Message sizes
  public static final int MAX_TRANSFER_BYTES = 1 << 20;

  /// The longest message: header, address and count, data.
  public static final int MAX_MESSAGE_BYTES = Header.BYTES + 16 + MAX_TRANSFER_BYTES;

  /// Descriptors one message may carry; QEMU refuses a server that takes more.
  public static final int MAX_DESCRIPTORS = 16;

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Wire() {}

  /// The 16-bit number at `at`, 0 to 65535.
  public static int u16(MemorySegment from, long at) {
    return from.get(SHORT, at) & 0xffff;
  }

  /// The 32-bit number at `at`, 0 to 2^32 - 1.
  public static long u32(MemorySegment from, long at) {
    return from.get(INT, at) & 0xffff_ffffL;
  }

  public static int i32(MemorySegment from, long at) {
    return from.get(INT, at);
  }

  public static long i64(MemorySegment from, long at) {
    return from.get(LONG, at);
  }

  public static void put16(MemorySegment into, long at, int value) {
    into.set(SHORT, at, (short) value);
  }

  public static void put32(MemorySegment into, long at, long value) {
    into.set(INT, at, (int) value);
  }

  public static void put64(MemorySegment into, long at, long value) {
    into.set(LONG, at, value);
  }

  /// The number of `widthBytes` (1, 2, 4 or 8) bytes at `at`, zero-extended.
  public static long number(MemorySegment from, long at, int widthBytes) {
    return switch (widthBytes) {
      case 1 -> from.get(BYTE, at) & 0xff;
      case 2 -> u16(from, at);
      case 4 -> u32(from, at);
      case 8 -> i64(from, at);
      default -> throw new IllegalArgumentException("no such width: " + widthBytes);
    };
  }

  /// Writes the low `widthBytes` (1, 2, 4 or 8) bytes of `value` at `at`.
  public static void putNumber(MemorySegment into, long at, int widthBytes, long value) {
    switch (widthBytes) {
      case 1 -> into.set(BYTE, at, (byte) value);
      case 2 -> put16(into, at, (int) value);
      case 4 -> put32(into, at, value);
      case 8 -> put64(into, at, value);
      default -> throw new IllegalArgumentException("no such width: " + widthBytes);
    }
  }

  /// Holds a payload to the length its message has.
  static void expect(long lengthBytes, long expectedBytes) throws ProtocolException {
    if (lengthBytes != expectedBytes) {
      throw ProtocolException.refused(
          Errno.EINVAL, "payload of " + lengthBytes + " bytes instead of " + expectedBytes);
    }
  }

  /// Holds the size a client has reserved for the answer to what the answer needs.
  static void expectRoom(long argszBytes, long neededBytes) throws ProtocolException {
    if (argszBytes < neededBytes) {
      throw ProtocolException.refused(
          Errno.EINVAL, "argsz " + argszBytes + " is less than " + neededBytes);
    }
  }
}
