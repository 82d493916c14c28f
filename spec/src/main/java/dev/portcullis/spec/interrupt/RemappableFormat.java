package dev.portcullis.spec.interrupt;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;

/// An interrupt request that names an entry of the interrupt remapping table: a write of one
/// doubleword.
///
/// ```
///            63      32 31    20 19            5 4   3     2    1  0
///           +----------+--------+---------------+--+---+------+-----+
///  address  |     0    |  FEEh  | HANDLE[14:0]  |1 |SHV|HANDLE| IGN |
///           +----------+--------+---------------+--+---+ [15] +-----+
///                                 31            16 15             0
///                                +----------------+----------------+
///  data                          |        0       |   SUBHANDLE    |
///                                +----------------+----------------+
/// ```
///
/// @param address where it is written
/// @param data what is written, 32 bits; means nothing without SHV
/// @vtd 5.1.2.2 Interrupt Requests in Remappable Format
public record RemappableFormat(long address, int data) {
  /// The request is remappable, and not in compatibility format.
  public static final BitField FORMAT = bit("FORMAT", 4);

  /// The subhandle is added to the handle.
  public static final BitField SHV = bit("SHV", 3);

  /// Bits 14 to 0 of the handle.
  public static final BitField HANDLE_LOW = bits("HANDLE[14:0]", 19, 5);

  /// Bit 15 of the handle.
  public static final BitField HANDLE_HIGH = bit("HANDLE[15]", 2);

  /// In the data.
  public static final BitField SUBHANDLE = bits("SUBHANDLE", 15, 0);

  /// Bits of the data that must be 0 where SHV is set.
  public static final int RESERVED_DATA = 0xffff_0000;

  /// What an MSI or MSI-X capability is given: the entry at `handle`, or, for vectors after the
  /// first, those after it.
  ///
  /// @param handle 16 bits
  /// @param subhandle 16 bits
  public static RemappableFormat message(int handle, int subhandle) {
    return new RemappableFormat(addressOf(handle) | SHV.mask(), (int) SUBHANDLE.encode(subhandle));
  }

  /// A request for the entry at `handle`, whatever its data: as I/O APICs make them.
  ///
  /// @param handle 16 bits
  public static RemappableFormat request(int handle, int data) {
    return new RemappableFormat(addressOf(handle), data);
  }

  private static long addressOf(int handle) {
    return CompatibilityFormat.PREFIX.encode(CompatibilityFormat.PREFIX_VALUE)
        | FORMAT.mask()
        | HANDLE_LOW.encode(handle & 0x7fff)
        | HANDLE_HIGH.encode(handle >>> 15);
  }

  /// Whether a request to `address` is remappable.
  public static boolean isAt(long address) {
    return FORMAT.isSet(address);
  }

  /// Whether `address` says that the subhandle counts.
  public static boolean hasSubhandle(long address) {
    return SHV.isSet(address);
  }

  /// The index that a request means, 17 bits.
  public static int index(long address, int data) {
    int handle = HANDLE_LOW.intOf(address) | HANDLE_HIGH.intOf(address) << 15;
    return hasSubhandle(address) ? handle + (data & 0xffff) : handle;
  }
}
