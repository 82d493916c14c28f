package dev.portcullis.pci;

/// A base address register and the window it opens.
///
/// @param index register number, 0 to 5; a 64-bit window takes the next register too
/// @param sizeBytes window size: a power of two, at least 4 KiB (as every function here has it)
/// @param width how wide the register is
/// @pcie 7.5.1.2.1 Base Address Registers
public record Bar(int index, long sizeBytes, Width width) {

  /// Width of the register.
  public enum Width {
    MEMORY_32,
    MEMORY_64
  }

  public Bar {
    if (index < 0 || index > (width == Width.MEMORY_64 ? 4 : 5)) {
      throw new IllegalArgumentException("no base address register " + index);
    }
    if (sizeBytes < 4096 || Long.bitCount(sizeBytes) != 1) {
      throw new IllegalArgumentException("bad window size: " + sizeBytes);
    }
    if (width == Width.MEMORY_32 && sizeBytes > 1L << 31) {
      throw new IllegalArgumentException("window too large for 32 bits: " + sizeBytes);
    }
  }

  /// Type bits of a 64-bit memory register; a 32-bit one has none set.
  private static final int TYPE_64 = 1 << 2;

  /// Declares the register: the address bits below the size stay 0, which is how software finds the
  /// size out.
  void declareIn(ConfigSpace config) {
    int at = ConfigRegisters.BASE_ADDRESS_0 + 4 * index;
    config.put(at, 4, width == Width.MEMORY_64 ? TYPE_64 : 0);
    config.allowWrites(at, registerBytes(), -sizeBytes);
  }

  /// Where software has put the window: bus address of its first byte.
  long addressIn(ConfigSpace config) {
    int at = ConfigRegisters.BASE_ADDRESS_0 + 4 * index;
    return config.read(at, registerBytes()) & -sizeBytes;
  }

  private int registerBytes() {
    return width == Width.MEMORY_64 ? 8 : 4;
  }
}
