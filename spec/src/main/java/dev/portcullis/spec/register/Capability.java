package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import java.util.List;

/// The capability register, 64 bits, read-only.
///
/// ```
///   63     62      61    60    59 58 57  56    55  54 53  48 47  40 39  38 37   34 33   24
///  +------+-------+-----+-----+--+-----+-----+---+---+------+------+---+--+-------+-------+
///  |ESRTPS|ESIRTPS|ECMDS|FS5LP|PI|  0  |FS1GP|DRD|DWD| MAMV | NFR  |PSI| 0| SSLPS |  FRO  |
///  +------+-------+-----+-----+--+-----+-----+---+---+------+------+---+--+-------+-------+
///   23  22  21    16 15  13 12   8  7   6    5    4   3  2  0
///  +--+---+---------+------+-------+--+----+----+----+--+-----+
///  | 0|ZLR|  MGAW   |  0   | SAGAW |CM|PHMR|PLMR|RWBF| 0| ND  |
///  +--+---+---------+------+-------+--+----+----+----+--+-----+
/// ```
///
/// @param word the register's value
/// @vtd 11.4.2 Capability Register
public record Capability(long word) {
  /// SRTP also flushes every DMA cache.
  public static final BitField ESRTPS = bit("ESRTPS", 63);

  /// SIRTP also flushes the interrupt entry cache.
  public static final BitField ESIRTPS = bit("ESIRTPS", 62);

  public static final BitField ECMDS = bit("ECMDS", 61);
  public static final BitField FS5LP = bit("FS5LP", 60);

  /// Posted interrupts.
  public static final BitField PI = bit("PI", 59);

  public static final BitField FS1GP = bit("FS1GP", 56);

  /// Read draining.
  public static final BitField DRD = bit("DRD", 55);

  /// Write draining.
  public static final BitField DWD = bit("DWD", 54);

  public static final BitField MAMV = bits("MAMV", 53, 48);

  /// Number of fault records less one.
  public static final BitField NFR = bits("NFR", 47, 40);

  /// Page-selective IOTLB invalidation.
  public static final BitField PSI = bit("PSI", 39);

  /// Second-stage large pages: bit 0 of the field 2 MiB, bit 1 of it 1 GiB.
  public static final BitField SSLPS = bits("SSLPS", 37, 34);

  /// Offset of the first fault record, in units of 16 bytes.
  public static final BitField FRO = bits("FRO", 33, 24);

  public static final BitField ZLR = bit("ZLR", 22);

  /// Guest address width less one.
  public static final BitField MGAW = bits("MGAW", 21, 16);

  /// Adjusted guest address widths: bit 1 of the field 39, bit 2 of it 48, bit 3 of it 57 bits.
  public static final BitField SAGAW = bits("SAGAW", 12, 8);

  /// Caching mode.
  public static final BitField CM = bit("CM", 7);

  public static final BitField PHMR = bit("PHMR", 6);
  public static final BitField PLMR = bit("PLMR", 5);

  /// Software must ask for its writes to be flushed.
  public static final BitField RWBF = bit("RWBF", 4);

  /// Domain-id width: 4 + 2 · ND bits.
  public static final BitField ND = bits("ND", 2, 0);

  /// All fields, most significant first.
  public static final List<BitField> FIELDS =
      List.of(
          ESRTPS, ESIRTPS, ECMDS, FS5LP, PI, FS1GP, DRD, DWD, MAMV, NFR, PSI, SSLPS, FRO, ZLR, MGAW,
          SAGAW, CM, PHMR, PLMR, RWBF, ND);

  /// Bits that read as 0.
  public static final long RESERVED = 0x0600_0040_0080_e008L;

  /// Width of a domain-id in bits, 4 to 16.
  public int domainIdBits() {
    return 4 + 2 * ND.intOf(word);
  }

  /// Width of a guest address in bits, 1 to 64.
  public int guestAddressBits() {
    return MGAW.intOf(word) + 1;
  }

  /// Number of fault records, 1 to 256.
  public int faultRecords() {
    return NFR.intOf(word) + 1;
  }

  /// Byte offset of the first fault record.
  public int faultRecordOffset() {
    return FRO.intOf(word) * 16;
  }

  /// Largest address mask of a page-selective invalidation: 2^this pages.
  public int maximumAddressMask() {
    return MAMV.intOf(word);
  }

  /// Whether second-stage tables of `levels` (3, 4 or 5) levels are supported.
  public boolean supportsLevels(int levels) {
    return levels >= 3 && levels <= 5 && (SAGAW.intOf(word) >> (levels - 2) & 1) != 0;
  }

  /// Whether a second-stage entry of `level` (2 for 2 MiB, 3 for 1 GiB) may map a page.
  public boolean supportsLargePage(int level) {
    return level >= 2 && (SSLPS.intOf(word) >> (level - 2) & 1) != 0;
  }
}
