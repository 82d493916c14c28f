package dev.portcullis.spec.table;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;

/// Host permission table entry, 128 bits, levels 4 to 1: permissions of 4 bits each, and above
/// level 1 a pointer to the next table.
///
/// ```
///         127   116 115               76 75      65 64
///        +---------+--------------------+----------+--+
///  L4-L2 |   IGN   |        ADDR        |    0     |AV|
///        +---------+--------------------+----------+--+
///          63                32 31                   0
///        +---------------------+----------------------+
///  L4    |                    0                       |
///  L3    |          0          |       PP7 … PP0      |
///  L2    |               PP15 … PP0                   |
///        +--------------------------------------------+
///          127                                       0
///        +--------------------------------------------+
///  L1    |               PP31 … PP0                   |
///        +--------------------------------------------+
/// ```
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 9.9 Host Permission Table Entries
public record HostPermissionEntry(long lo, long hi) {
  /// Size of an entry.
  public static final int BYTES = 16;

  /// The address is that of the next table. (Bit 64.)
  public static final BitField AV = bit("AV", 0);

  /// Next table, in place: host physical, 4-KiB aligned. (Bits 115 to 76.)
  public static final BitField ADDR = bits("ADDR", 51, 12);

  /// Reads are permitted: bit 0 of a permission.
  public static final int READ = 1;

  /// Writes are permitted: bit 1 of a permission.
  public static final int WRITE = 2;

  /// Bits 3:2 of every permission in a word.
  private static final long RESERVED_PERMISSIONS = 0xcccc_cccc_cccc_ccccL;

  private static final long RESERVED_HIGH = 0xffe;
  private static final long UPPER_HALF = -1L << 32;

  /// An entry without permissions that points to `table`.
  public static HostPermissionEntry pointer(long table) {
    return new HostPermissionEntry(0, AV.mask() | table);
  }

  /// The entry with `permissions` (bits [#READ] and [#WRITE]) for the granule of `hpa` at `level`.
  public HostPermissionEntry with(long hpa, int level, int permissions) {
    int index = index(hpa, level);
    long low = index < 16 ? lo | (long) permissions << 4 * index : lo;
    long high = index < 16 ? hi : hi | (long) permissions << 4 * (index - 16);
    return new HostPermissionEntry(low, high);
  }

  /// The four bits for the granule of `hpa` at `level`; 0 at level 4, which has none.
  public int permissions(long hpa, int level) {
    if (level == 4) {
      return 0;
    }
    int index = index(hpa, level);
    return (int) ((index < 16 ? lo >>> 4 * index : hi >>> 4 * (index - 16)) & 0xf);
  }

  /// Whether the entry points to a table: AV. Not at level 1.
  public boolean pointsToTable() {
    return AV.isSet(hi);
  }

  /// Base of the next table: host physical, 4-KiB aligned.
  public long nextTable() {
    return ADDR.inPlace(hi);
  }

  /// Whether a bit is set that must be 0 at `level`, where host addresses leave `beyondHostAddress`
  /// 0 and level 3 has permissions only with `permitsGibibytes` (HPT1GPS).
  public boolean hasReservedBits(int level, long beyondHostAddress, boolean permitsGibibytes) {
    if (level == 1) {
      return ((lo | hi) & RESERVED_PERMISSIONS) != 0;
    }
    long low =
        switch (level) {
          case 4 -> -1L;
          case 3 -> permitsGibibytes ? UPPER_HALF | RESERVED_PERMISSIONS : -1L;
          default -> RESERVED_PERMISSIONS;
        };
    return (lo & low | hi & (RESERVED_HIGH | ADDR.mask() & beyondHostAddress)) != 0;
  }

  /// Granules per entry: 8 of 1 GiB, 16 of 2 MiB, 32 of 4 KiB.
  private static int index(long hpa, int level) {
    return switch (level) {
      case 3 -> (int) (hpa >>> 30) & 7;
      case 2 -> (int) (hpa >>> 21) & 15;
      default -> (int) (hpa >>> 12) & 31;
    };
  }

  /// Address of the entry for `hpa` in the level-`level` table at `table`. At level 4 there may be
  /// up to 2048 entries, below there are 256.
  public static long address(long table, long hpa, int level) {
    long index = level == 4 ? hpa >>> 41 & 0x7ff : hpa >>> 17 + 8 * (level - 1) & 0xff;
    return table + index * BYTES;
  }
}
