package dev.portcullis.kit.table;

/// Positions in a scalable-mode PASID table entry of 512 bits.
///
/// @vtd 9.6 Scalable-Mode PASID Table Entry
public final class Pasid {
  public static final int BYTES = 64;
  public static final int P = 0;
  public static final int FPD = 1;

  /// Second-stage accessed and dirty flags.
  public static final int SSADE = 9;

  /// Page and page-walk snoop.
  public static final int PWSNP = 64 + 23;

  public static final int PGSNP = 64 + 24;

  /// Supervisor requests.
  public static final int SRE = 128;

  public static final int WPE = 128 + 4;
  public static final int EAFE = 128 + 7;

  /// Types of translation, the field PGTT at [8:6].
  public static final int FIRST_STAGE = 1;

  public static final int SECOND_STAGE = 2;
  public static final int NESTED = 3;
  public static final int PASS_THROUGH = 4;

  private final long[] words = new long[8];

  private Pasid(int type, int did) {
    words[0] = 1 | (long) type << 6;
    words[1] = did;
  }

  /// A present entry of another type.
  public static Pasid of(int type, int did) {
    return new Pasid(type, did);
  }

  public static Pasid passThrough(int did) {
    return new Pasid(PASS_THROUGH, did);
  }

  /// @param tables second-stage tables
  public static Pasid secondStage(int did, long tables, int levels) {
    return new Pasid(SECOND_STAGE, did).over(tables, levels);
  }

  /// @param tables first-stage tables, 4 or 5 levels
  public static Pasid firstStage(int did, long tables, int levels) {
    return new Pasid(FIRST_STAGE, did).first(tables, levels);
  }

  /// First-stage tables at a guest physical address; give it the second stage by [#over].
  public static Pasid nested(int did, long guestTables, int levels) {
    return new Pasid(NESTED, did).first(guestTables, levels);
  }

  private Pasid first(long tables, int levels) {
    return field(191, 140, tables >>> 12).field(131, 130, levels - 4);
  }

  /// With these second-stage tables.
  public Pasid over(long tables, int levels) {
    return field(63, 12, tables >>> 12).field(4, 2, levels - 2);
  }

  /// With one bit more, 0 to 511.
  public Pasid with(int bit) {
    words[bit / 64] |= 1L << bit % 64;
    return this;
  }

  /// With one bit less, 0 to 511.
  public Pasid without(int bit) {
    words[bit / 64] &= ~(1L << bit % 64);
    return this;
  }

  /// With bits `msb` to `lsb`, all in one word, replaced.
  public Pasid field(int msb, int lsb, long value) {
    long mask = -1L >>> 63 - msb + lsb;
    words[lsb / 64] = words[lsb / 64] & ~(mask << lsb % 64) | (value & mask) << lsb % 64;
    return this;
  }

  /// With this table of host permissions.
  public Pasid permissions(int did, long table, int sizeCode) {
    return field(335, 320, did).field(319, 268, table >>> 12).field(257, 256, sizeCode);
  }

  /// The entry's words, lowest first.
  public long[] words() {
    return words.clone();
  }
}
