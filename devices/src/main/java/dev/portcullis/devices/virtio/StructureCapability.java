package dev.portcullis.devices.virtio;

import dev.portcullis.pci.Capability;

/// Says where in a window one of the structures of a virtio device lies.
///
/// @virtio 4.1.4 Virtio Structure PCI Capabilities
public final class StructureCapability extends Capability {
  private static final int VENDOR_SPECIFIC = 0x09;
  private static final int BYTES = 16;
  private static final int LONG_BYTES = 20;

  /// The structures; the code is what `cfg_type` holds.
  public enum Structure {
    COMMON(1),
    NOTIFY(2),
    ISR(3),
    DEVICE(4),
    /// Access to the windows through configuration space.
    PCI(5);

    private final int code;

    Structure(int code) {
      this.code = code;
    }

    private boolean isLong() {
      return this == NOTIFY || this == PCI;
    }
  }

  private final Structure structure;
  private final int offset;
  private final int lengthBytes;

  /// A structure in window 0.
  public StructureCapability(Structure structure, int offset, int lengthBytes) {
    super(Space.COMPATIBLE, VENDOR_SPECIFIC, structure.isLong() ? LONG_BYTES : BYTES);
    this.structure = structure;
    this.offset = offset;
    this.lengthBytes = lengthBytes;
  }

  @Override
  protected void declare() {
    long writable = structure == Structure.PCI ? 0xffff_ffffL : 0;
    register(2, 1, sizeBytes(), 0);
    register(3, 1, structure.code, 0);
    register(4, 1, 0, writable & 0xff);
    register(8, 4, offset, writable);
    register(12, 4, lengthBytes, writable);
    if (structure == Structure.NOTIFY) {
      register(16, 4, Registers.NOTIFY_STRIDE, 0);
    } else if (structure == Structure.PCI) {
      register(16, 4, 0, writable);
    }
  }

  /// The window that an access through configuration space goes to.
  int window() {
    return (int) read(4, 1);
  }

  /// Where in it.
  long target() {
    return read(8, 4) & 0xffff_ffffL;
  }

  /// How many bytes; only 1, 2 and 4 are an access.
  int widthBytes() {
    long width = read(12, 4) & 0xffff_ffffL;
    return width == 1 || width == 2 || width == 4 ? (int) width : 0;
  }

  /// Whether configuration space is accessed where the data of such an access lies.
  boolean isData(int configOffset, int width) {
    int data = at() + 16;
    return configOffset < data + 4 && data < configOffset + width;
  }

  long data() {
    return read(16, 4) & 0xffff_ffffL;
  }

  void data(long value) {
    put(16, 4, value);
  }
}
