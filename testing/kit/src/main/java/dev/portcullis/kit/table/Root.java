package dev.portcullis.kit.table;

/// Positions in a legacy root entry: one for each bus.
///
/// @vtd 9.1 Root Entry
public final class Root {
  public static final int P = 0;
  public static final int BYTES = 16;

  private Root() {}

  /// A present entry that points to the context table at `hpa`.
  public static Entry of(long hpa) {
    return new Entry(hpa, 0).with(P);
  }

  /// Bits that must be 0, of an entry's low half; in its high half all.
  public static long reservedLo(int hostAddressBits) {
    return -1L << hostAddressBits | 0xffe;
  }
}
