package dev.portcullis.spec.interrupt;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import java.util.List;

/// Where interrupts for a virtual processor are posted, 512 bits, 64-byte aligned: a bit for each
/// vector (PIR), and the word that says whom to tell. Here is that word.
///
/// ```
///         255                                                             0
///        +-----------------------------------------------------------------+
///        |                               PIR                               |
///        +-----------------------------------------------------------------+
///         319            288 287  280 279      272 271           258 257 256
///        +------------------+--------+------------+-----------------+---+---+
///        |       NDST       |    0   |     NV     |        0        |SN |ON |
///        +------------------+--------+------------+-----------------+---+---+
///         511                                                            320
///        +------------------------------------------------------------------+
///        |                                0                                 |
///        +------------------------------------------------------------------+
/// ```
///
/// @param control bits 319 to 256
/// @vtd 9.12 Posted Interrupt Descriptor (PID)
public record PostedInterruptDescriptor(long control) {
  /// Size of a descriptor, and its alignment.
  public static final int BYTES = 64;

  /// Where the control word is.
  public static final int CONTROL_OFFSET = 32;

  /// Where the last 16 bytes are, which are reserved.
  public static final int TAIL_OFFSET = 48;

  /// Outstanding notification: software has been told, and has not looked yet. (Bit 256.)
  public static final BitField ON = bit("ON", 0);

  /// Suppress notification. (Bit 257.)
  public static final BitField SN = bit("SN", 1);

  /// Notification vector. (Bits 279 to 272.)
  public static final BitField NV = bits("NV", 23, 16);

  /// Notification destination: a local APIC id of 32 bits; without extended mode, one of 8 bits in
  /// its bits 15 to 8. (Bits 319 to 288.)
  public static final BitField NDST = bits("NDST", 63, 32);

  public static final List<BitField> CONTROL = List.of(NDST, NV, SN, ON);

  /// Bits of the control word that must be 0.
  public static final long RESERVED_CONTROL = 0xff00_fffcL;

  /// Bits of NDST that must be 0 without extended mode.
  public static final long UNEXTENDED_RESERVED_CONTROL = 0xffff_00ff_0000_0000L;

  private static final int UNEXTENDED_SHIFT = 40;

  /// The control word of a descriptor nobody has posted to.
  ///
  /// @param destination value of NDST, see [InterruptEntry#unextended]
  public static PostedInterruptDescriptor of(int vector, int destination) {
    return new PostedInterruptDescriptor(
        NV.encode(vector) | NDST.encode(Integer.toUnsignedLong(destination)));
  }

  /// Byte offset of the word that has the bit of `vector`.
  public static int requestOffset(int vector) {
    return vector >>> 6 << 3;
  }

  /// The bit of `vector` in its word.
  public static long requestBit(int vector) {
    return 1L << (vector & 63);
  }

  /// Whether software has been told already.
  public static boolean isOutstanding(long control) {
    return ON.isSet(control);
  }

  /// Whether software wants to be told of urgent interrupts only.
  public static boolean isSuppressed(long control) {
    return SN.isSet(control);
  }

  /// Vector to tell software by.
  public static int vector(long control) {
    return NV.intOf(control);
  }

  /// Local APIC id, of 8 bits unless `extended`.
  public static int destination(long control, boolean extended) {
    return extended ? NDST.intOf(control) : (int) (control >>> UNEXTENDED_SHIFT) & 0xff;
  }
}
