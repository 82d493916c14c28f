package dev.portcullis.spec.interrupt;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;

/// An interrupt as interrupt controllers take it: a write of one doubleword.
///
/// ```
///            63                 40 39   32 31    20 19      12 11  5 4  3  2  1  0
///           +---------------------+-------+--------+----------+-----+--+--+--+-----+
///  address  |     DEST_HIGH       |   0   |  FEEh  |   DEST   |  0  |0 |RH|DM| IGN |
///           +---------------------+-------+--------+----------+-----+--+--+--+-----+
///                                    31      16  15   14   13 11 10   8 7       0
///                                   +----------+----+-----+-----+------+---------+
///  data                             |     0    | TM |LEVEL|  0  | DLM  | VECTOR  |
///                                   +----------+----+-----+-----+------+---------+
/// ```
///
/// A request has no DEST_HIGH: its address lies below 4 GiB. What a unit in extended mode sends has
/// one.
///
/// @param address where it is written
/// @param data what is written, 32 bits
/// @vtd 5.1.2.1 Interrupt Requests in Compatibility Format
public record CompatibilityFormat(long address, int data) {
  /// What bits 31 to 20 of the address of every interrupt are.
  public static final int PREFIX_VALUE = 0xfee;

  public static final BitField PREFIX = bits("PREFIX", 31, 20);

  /// Destination, bits 7 to 0.
  public static final BitField DEST = bits("DEST", 19, 12);

  /// Destination, bits 31 to 8.
  public static final BitField DEST_HIGH = bits("DEST_HIGH", 63, 40);

  /// The request is remappable.
  public static final BitField FORMAT = bit("FORMAT", 4);

  /// Redirection hint.
  public static final BitField RH = bit("RH", 3);

  /// Destination mode: logical.
  public static final BitField DM = bit("DM", 2);

  /// Trigger mode: level.
  public static final BitField TM = bit("TM", 15);

  /// Assertion.
  public static final BitField LEVEL = bit("LEVEL", 14);

  public static final BitField DLM = bits("DLM", 10, 8);

  public static final BitField VECTOR = bits("VECTOR", 7, 0);

  /// The interrupt that `destination` gets, asserted.
  ///
  /// @param destination local APIC id, 32 bits
  /// @param routing [#RH] and [#DM]
  /// @param trigger [#TM], or 0
  public static CompatibilityFormat of(
      int destination, long routing, long trigger, DeliveryMode mode, int vector) {
    return new CompatibilityFormat(
        addressOf(destination, routing), dataOf(trigger, mode.code(), vector));
  }

  /// The address half of [#of].
  public static long addressOf(int destination, long routing) {
    long id = Integer.toUnsignedLong(destination);
    return (long) PREFIX_VALUE << PREFIX.lsb()
        | (id & 0xff) << DEST.lsb()
        | id >>> 8 << DEST_HIGH.lsb()
        | routing;
  }

  /// The data half of [#of].
  ///
  /// @param mode value of DLM
  public static int dataOf(long trigger, int mode, int vector) {
    return (int) (trigger | LEVEL.mask()) | mode << DLM.lsb() | vector & 0xff;
  }

  /// Local APIC id, 32 bits.
  public int destination() {
    return (int) (DEST.of(address) | DEST_HIGH.of(address) << 8);
  }

  /// Value of DLM.
  public int deliveryMode() {
    return DLM.intOf(data);
  }

  public int vector() {
    return VECTOR.intOf(data);
  }
}
