package dev.portcullis.kit.table;

/// Positions in a legacy context entry: one for each function.
///
/// @vtd 9.3 Context Entry
public final class Context {
  public static final int P = 0;
  public static final int FPD = 1;
  public static final int BYTES = 16;

  /// Translation types, the field TT at [3:2].
  public static final int SECOND_STAGE = 0b00;

  public static final int WITH_DEVICE_TLB = 0b01;
  public static final int PASS_THROUGH = 0b10;
  public static final int RESERVED_TYPE = 0b11;

  private Context() {}

  /// A present entry.
  ///
  /// @param tt translation type, bits [3:2]
  /// @param aw address width code, bits [66:64]: levels of the tables - 2
  /// @param did domain-id, bits [87:72]
  /// @param tables second-stage tables, bits [63:12]
  public static Entry of(int tt, int aw, int did, long tables) {
    return new Entry(tables | (long) tt << 2, aw | (long) did << 8).with(P);
  }

  /// Bits that must be 0, of the low half.
  public static long reservedLo(int hostAddressBits) {
    return -1L << hostAddressBits | 0xff0;
  }

  /// Bits that must be 0, of the high half.
  public static long reservedHi(int domainIdBits) {
    return 0xffff_ffff_ff00_0080L | (0xffffL << domainIdBits & 0xffff) << 8;
  }
}
