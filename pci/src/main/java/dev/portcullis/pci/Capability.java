package dev.portcullis.pci;

/// A capability structure: registers that a function adds to its configuration space, found by
/// software through a linked list.
///
/// Built first, then handed to the [PciFunction], which places it and links it. Its offsets count
/// from its own start; the list header (id and pointer) belongs to the list.
///
/// @pcie 7.5.1 PCI-Compatible Configuration Registers
public abstract class Capability {

  /// Which of the two lists a structure is in.
  public enum Space {
    /// The first 256 bytes: an 8-bit id and an 8-bit pointer.
    COMPATIBLE,
    /// From byte 256 on: a 16-bit id, a 4-bit version and a 12-bit pointer.
    EXTENDED
  }

  private final Space space;
  private final int id;
  private final int sizeBytes;
  private ConfigSpace config;
  private int at;

  /// @param sizeBytes length of the structure, list header included
  protected Capability(Space space, int id, int sizeBytes) {
    this.space = space;
    this.id = id;
    this.sizeBytes = sizeBytes;
  }

  public final Space space() {
    return space;
  }

  public final int id() {
    return id;
  }

  public final int sizeBytes() {
    return sizeBytes;
  }

  /// Where it was placed: offset in configuration space, a multiple of 4; 0 before that.
  public final int at() {
    return at;
  }

  /// Version of the structure, 1 to 15; only extended ones say it.
  protected int version() {
    return 1;
  }

  final void place(ConfigSpace space, int offset) {
    if (config != null) {
      throw new IllegalArgumentException("a capability belongs to one function");
    }
    config = space;
    at = offset;
    declare();
  }

  /// Declares the registers, with [#register].
  protected abstract void declare();

  /// Software has written inside the structure.
  protected void afterWrite() {}

  /// The function was reset; its registers are back to what they were declared with.
  protected void reset() {}

  /// Declares a register: what it holds after a reset, and which bits software may write.
  protected final void register(int offset, int widthBytes, long initial, long writable) {
    config.put(at + offset, widthBytes, initial);
    config.allowWrites(at + offset, widthBytes, writable);
  }

  /// Declares bits that software clears by writing 1.
  protected final void clearByOne(int offset, int widthBytes, long mask) {
    config.clearByOne(at + offset, widthBytes, mask);
  }

  /// What the `widthBytes` (1 to 8) bytes at `offset` hold; 0 before the structure is placed.
  protected final long read(int offset, int widthBytes) {
    return config == null ? 0 : config.read(at + offset, widthBytes);
  }

  /// Changes a register whatever software may write.
  protected final void put(int offset, int widthBytes, long value) {
    config.put(at + offset, widthBytes, value);
  }

  /// Sets bits of a register, and leaves the others to whoever else changes them.
  protected final void setBits(int offset, int widthBytes, long mask) {
    config.setBits(at + offset, widthBytes, mask);
  }

  final boolean isTouchedBy(int offset, int widthBytes) {
    return offset < at + sizeBytes && at < offset + widthBytes;
  }
}
