package dev.portcullis.pci;

import java.util.Arrays;

/// The 4096 bytes of a function's configuration space, with what software may write in each.
///
/// Every byte has a mask of writable bits and a mask of bits that a written 1 clears; all others
/// are read-only. An access may have any length and alignment inside the space; beyond its end
/// reads are all ones and writes are dropped. Little-endian.
///
/// @pcie 7.5.1 PCI-Compatible Configuration Registers
public final class ConfigSpace {
  public static final int SIZE_BYTES = 4096;

  private final byte[] bytes = new byte[SIZE_BYTES];
  private final byte[] writable = new byte[SIZE_BYTES];
  private final byte[] clearedByOne = new byte[SIZE_BYTES];
  private byte[] atReset = bytes.clone();

  /// All zeroes, and read-only.
  public ConfigSpace() {}

  /// The `widthBytes` (1 to 8) bytes at `offset`, as software reads them.
  public synchronized long read(int offset, int widthBytes) {
    long value = 0;
    for (int i = 0; i < widthBytes; i++) {
      long b = inside(offset + i) ? bytes[offset + i] & 0xff : 0xff;
      value |= b << 8 * i;
    }
    return value;
  }

  /// Writes the `widthBytes` (1 to 8) low bytes of `value` at `offset`, as software does: masks
  /// apply.
  public synchronized void write(int offset, int widthBytes, long value) {
    for (int i = 0; i < widthBytes; i++) {
      if (inside(offset + i)) {
        writeByte(offset + i, (byte) (value >>> 8 * i));
      }
    }
  }

  private void writeByte(int at, byte value) {
    int kept = bytes[at] & ~writable[at];
    bytes[at] = (byte) (kept & ~(value & clearedByOne[at]) | value & writable[at]);
  }

  /// Sets bytes whatever software may write: how the function itself changes its registers.
  public synchronized void put(int offset, int widthBytes, long value) {
    for (int i = 0; i < widthBytes; i++) {
      bytes[offset + i] = (byte) (value >>> 8 * i);
    }
  }

  /// Sets the bits of `mask`, and leaves the others to whoever else changes them.
  public synchronized void setBits(int offset, int widthBytes, long mask) {
    put(offset, widthBytes, read(offset, widthBytes) | mask);
  }

  /// Clears the bits of `mask`, and leaves the others to whoever else changes them.
  public synchronized void clearBits(int offset, int widthBytes, long mask) {
    put(offset, widthBytes, read(offset, widthBytes) & ~mask);
  }

  /// Makes the bits of `mask` at `offset` writable by software.
  public synchronized void allowWrites(int offset, int widthBytes, long mask) {
    for (int i = 0; i < widthBytes; i++) {
      writable[offset + i] |= (byte) (mask >>> 8 * i);
    }
  }

  /// Makes the bits of `mask` at `offset` ones that software clears by writing 1.
  public synchronized void clearByOne(int offset, int widthBytes, long mask) {
    for (int i = 0; i < widthBytes; i++) {
      clearedByOne[offset + i] |= (byte) (mask >>> 8 * i);
    }
  }

  /// Takes what the space holds now as what every reset brings back.
  public synchronized void captureResetState() {
    atReset = bytes.clone();
  }

  /// Brings back the state of the last [#captureResetState()].
  public synchronized void reset() {
    System.arraycopy(atReset, 0, bytes, 0, SIZE_BYTES);
  }

  private static boolean inside(int offset) {
    return offset >= 0 && offset < SIZE_BYTES;
  }

  /// A copy of the whole space, for display.
  public synchronized byte[] snapshot() {
    return Arrays.copyOf(bytes, SIZE_BYTES);
  }
}
