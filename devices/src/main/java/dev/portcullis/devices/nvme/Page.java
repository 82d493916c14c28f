package dev.portcullis.devices.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/// A data structure being written for the host, at the start of a worker's buffer.
final class Page {
  static final int BYTES = 4096;

  private final MemorySegment bytes;

  /// A page of zeroes at the start of `buffer`.
  Page(MemorySegment buffer) {
    bytes = buffer.asSlice(0, BYTES).fill((byte) 0);
  }

  /// Writes the `widthBytes` (1 to 8) low bytes of `value`, little-endian.
  void put(int offset, int widthBytes, long value) {
    for (int i = 0; i < widthBytes; i++) {
      bytes.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (value >>> 8 * i));
    }
  }

  /// Writes ASCII text, padded with spaces to `lengthBytes`.
  void text(int offset, int lengthBytes, String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < lengthBytes; i++) {
      put(offset + i, 1, i < ascii.length ? ascii[i] : ' ');
    }
  }

  /// Writes 64 bits with the most significant byte first, as identifiers have it.
  void identifier(int offset, long value) {
    put(offset, 8, Long.reverseBytes(value));
  }

  void identifier(int offset, UUID value) {
    identifier(offset, value.getMostSignificantBits());
    identifier(offset + 8, value.getLeastSignificantBits());
  }
}
