package dev.portcullis.kit.interrupt;

import dev.portcullis.kit.table.Entry;

/// Positions in an interrupt remapping entry.
///
/// @vtd 9.10 Interrupt Remapping Table Entry (IRTE) for Remapped Interrupts
/// @vtd 9.11 Interrupt Remapping Table Entry (IRTE) for Posted Interrupts
public final class Irte {
  public static final int P = 0;
  public static final int FPD = 1;
  public static final int DM = 2;
  public static final int RH = 3;
  public static final int TM = 4;
  public static final int URG = 14;
  public static final int IM = 15;
  public static final int BYTES = 16;

  private Irte() {}

  /// A present entry in remapped format that anyone may use.
  ///
  /// @param vector bits [23:16]
  /// @param destination bits [63:32], as they are
  public static Entry remapped(int vector, int destination) {
    return new Entry((long) destination << 32 | (long) vector << 16, 0).with(P);
  }

  /// A present entry in posted format that anyone may use.
  ///
  /// @param descriptor its bits [31:6] at [63:38], its bits [63:32] at [127:96]
  /// @param vector bits [23:16]
  public static Entry posted(long descriptor, int vector) {
    return new Entry(
            (descriptor & 0xffff_ffc0L) << 32 | (long) vector << 16,
            descriptor & 0xffff_ffff_0000_0000L)
        .with(P)
        .with(IM);
  }

  /// `entry` with the delivery mode [7:5].
  public static Entry deliveryMode(Entry entry, int mode) {
    return entry.field(7, 5, mode);
  }

  /// `entry` with its source validation.
  ///
  /// @param svt bits [83:82]
  /// @param sq bits [81:80]
  /// @param sid bits [79:64]
  public static Entry source(Entry entry, int svt, int sq, int sid) {
    return entry.field(83, 82, svt).field(81, 80, sq).field(79, 64, sid);
  }

  /// Bits that must be 0 in remapped format, of the low half.
  public static long remappedReservedLo(Destinations destinations, boolean postedInterrupts) {
    return 0xff00_7000L
        | (destinations == Destinations.BITS_8 ? 0xffff_00ff_0000_0000L : 0)
        | (postedInterrupts ? 0 : 1L << IM);
  }

  /// Bits that must be 0 in remapped format, of the high half.
  public static long remappedReservedHi() {
    return 0xffff_ffff_fff0_0000L;
  }

  /// Bits that must be 0 in posted format, of the low half.
  public static long postedReservedLo() {
    return 0x3f_ff00_30fcL;
  }

  /// Bits that must be 0 in posted format, of the high half.
  public static long postedReservedHi(int hostAddressBits) {
    return 0xfff0_0000L | -1L << hostAddressBits & 0xffff_ffff_0000_0000L;
  }
}
