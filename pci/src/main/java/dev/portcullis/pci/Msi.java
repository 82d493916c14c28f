package dev.portcullis.pci;

/// Message signalled interrupts: 64-bit address, up to 32 messages, each with a mask.
///
/// ```
///       31            16 15        8 7         0
///  +00  Message Control | next      | 05h
///  +04  Message Address                       (bits 1:0 are 0)
///  +08  Message Upper Address
///  +0c                  | Message Data
///  +10  Mask Bits
///  +14  Pending Bits
/// ```
///
/// @pcie 7.7.1 MSI Capability Structures
public final class Msi extends Capability {
  private static final int CONTROL = 0x02;
  private static final int ADDRESS = 0x04;
  private static final int DATA = 0x0c;
  private static final int MASK = 0x10;
  private static final int PENDING = 0x14;

  private static final int ENABLE = 1;
  private static final int MULTIPLE_ENABLE_SHIFT = 4;
  private static final int ADDRESS_64 = 1 << 7;
  private static final int PER_VECTOR_MASKING = 1 << 8;

  private final int vectorsLog2;

  /// @param vectors messages asked for: a power of two, 1 to 32
  public Msi(int vectors) {
    super(Space.COMPATIBLE, 0x05, 0x18);
    if (Integer.bitCount(vectors) != 1 || vectors > 32 || vectors < 1) {
      throw new IllegalArgumentException("MSI has 1, 2, 4, 8, 16 or 32 vectors, not " + vectors);
    }
    vectorsLog2 = Integer.numberOfTrailingZeros(vectors);
  }

  @Override
  protected void declare() {
    int fixed = ADDRESS_64 | PER_VECTOR_MASKING | vectorsLog2 << 1;
    register(CONTROL, 2, fixed, ENABLE | 7 << MULTIPLE_ENABLE_SHIFT);
    register(ADDRESS, 8, 0, ~3L);
    register(DATA, 2, 0, 0xffff);
    register(MASK, 4, 0, (1L << (1 << vectorsLog2)) - 1);
  }

  /// How many messages it asks for.
  public int vectors() {
    return 1 << vectorsLog2;
  }

  boolean isEnabled() {
    return (read(CONTROL, 2) & ENABLE) != 0;
  }

  /// How many messages software has granted; never more than were asked for.
  public int granted() {
    int log2 = (int) (read(CONTROL, 2) >> MULTIPLE_ENABLE_SHIFT) & 7;
    return 1 << Math.min(log2, vectorsLog2);
  }

  /// Sends the message of `vector`, or keeps it pending while it is masked. Vectors beyond those
  /// granted share the messages there are.
  void raise(int vector, UpstreamPort port) {
    int message = vector & granted() - 1;
    if ((read(MASK, 4) >> message & 1) != 0) {
      put(PENDING, 4, read(PENDING, 4) | 1L << message);
    } else {
      send(message, port);
    }
  }

  /// Forgets that `vector` is pending: its reason has been dealt with.
  void lower(int vector) {
    put(PENDING, 4, read(PENDING, 4) & ~(1L << (vector & granted() - 1)));
  }

  /// Sends what is pending and no longer masked.
  void sendUnmasked(UpstreamPort port) {
    long due = read(PENDING, 4) & ~read(MASK, 4);
    put(PENDING, 4, read(PENDING, 4) & ~due);
    for (; due != 0; due &= due - 1) {
      send(Long.numberOfTrailingZeros(due), port);
    }
  }

  private void send(int message, UpstreamPort port) {
    int data = (int) read(DATA, 2) & -granted() | message;
    port.message(read(ADDRESS, 8), data);
  }
}
