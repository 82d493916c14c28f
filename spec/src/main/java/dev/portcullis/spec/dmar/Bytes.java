package dev.portcullis.spec.dmar;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A bounded run of a table under decoding: offsets count from the start of the run, and nothing
/// beyond its end can be read.
final class Bytes {
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private final byte[] table;
  private final int start;
  private final int length;

  Bytes(byte[] table) {
    this(table, 0, table.length);
  }

  private Bytes(byte[] table, int start, int length) {
    this.table = table;
    this.start = start;
    this.length = length;
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  int length() {
    return length;
  }

  int u8(int offset) throws MalformedDmarException {
    return table[at(offset, 1)] & 0xff;
  }

  int u16(int offset) throws MalformedDmarException {
    return (short) SHORT.get(table, at(offset, 2)) & 0xffff;
  }

  int u32(int offset) throws MalformedDmarException {
    return (int) INT.get(table, at(offset, 4));
  }

  long u64(int offset) throws MalformedDmarException {
    return (long) LONG.get(table, at(offset, 8));
  }

  /// One character per byte, so that any bytes survive the way there and back.
  String text(int offset, int lengthBytes) throws MalformedDmarException {
    return new String(table, at(offset, lengthBytes), lengthBytes, StandardCharsets.ISO_8859_1);
  }

  byte[] copy(int offset) throws MalformedDmarException {
    int from = at(offset, length - offset);
    return Arrays.copyOfRange(table, from, start + length);
  }

  /// The run of `lengthBytes` bytes at `offset`.
  Bytes slice(int offset, int lengthBytes) throws MalformedDmarException {
    return new Bytes(table, at(offset, lengthBytes), lengthBytes);
  }

  MalformedDmarException malformed(int offset, String reason) {
    return new MalformedDmarException(start + offset, reason);
  }

  private int at(int offset, int lengthBytes) throws MalformedDmarException {
    int missing = offset + lengthBytes - length;
    if (missing > 0) {
      throw malformed(Math.min(offset, length), "ends " + missing + " bytes too early");
    }
    return start + offset;
  }
}
