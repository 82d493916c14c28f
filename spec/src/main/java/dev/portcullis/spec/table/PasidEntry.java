package dev.portcullis.spec.table;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;

/// PASID table entry, 512 bits: how requests with one PASID are translated. Words 6 and 7 are
/// reserved, word 3, too.
///
/// ```
///        63                      12 11 10  9   8   6  5 4  2  1   0
///       +--------------------------+-----+-----+-----+-+----+---+---+
///   w0  |         SSPTPTR          |  0  |SSADE|PGTT |0| AW |FPD| P |
///       +--------------------------+-----+-----+-----+-+----+---+---+
///        63        32 31   27  26  25   24    23  22   16 15        0
///       +------------+-------+----+--+-----+-----+-------+-----------+
///   w1  |    PAT     |   0   |EMTE|CD|PGSNP|PWSNP|   0   |    DID    |
///       +------------+-------+----+--+-----+-----+-------+-----------+
///        63                      12 11   8  7   6 5  4  3  2  1  0
///       +--------------------------+------+----+---+---+----+-+---+
///   w2  |         FSPTPTR          |   0  |EAFE|IGN|WPE|FSPM|0|SRE|
///       +--------------------------+------+----+---+---+----+-+---+
///        63                      12 11     3   2     1   0
///       +--------------------------+--------+------+-------+
///   w4  |         HPTPTR           |    0   |HPTPFD| HPTSZ |
///       +--------------------------+--------+------+-------+
///        63                                  16 15        0
///       +--------------------------------------+-----------+
///   w5  |                  0                   |  HPTDID   |
///       +--------------------------------------+-----------+
/// ```
///
/// @param w0 bits 63 to 0
/// @param w1 bits 127 to 64
/// @param w2 bits 191 to 128
/// @param w4 bits 319 to 256
/// @param w5 bits 383 to 320
/// @vtd 9.6 Scalable-Mode PASID Table Entry
public record PasidEntry(long w0, long w1, long w2, long w4, long w5) {
  /// Size of an entry.
  public static final int BYTES = 64;

  public static final BitField P = bit("P", 0);

  /// Fault processing disable. Counts even without P.
  public static final BitField FPD = bit("FPD", 1);

  /// Address width of the second stage: 1, 2 and 3 stand for 3, 4 and 5 levels.
  public static final BitField AW = bits("AW", 4, 2);

  /// PASID granular translation type.
  public static final BitField PGTT = bits("PGTT", 8, 6);

  /// Second-stage accessed and dirty flags are kept.
  public static final BitField SSADE = bit("SSADE", 9);

  /// Second-stage tables, in place: host physical, 4-KiB aligned.
  public static final BitField SSPTPTR = bits("SSPTPTR", 63, 12);

  /// Domain-id. (Bits 79 to 64.)
  public static final BitField DID = bits("DID", 15, 0);

  /// Walks of the page tables are snooped. (Bit 87.)
  public static final BitField PWSNP = bit("PWSNP", 23);

  /// Accesses to pages are snooped. (Bit 88.)
  public static final BitField PGSNP = bit("PGSNP", 24);

  /// Cache disable. (Bit 89.)
  public static final BitField CD = bit("CD", 25);

  /// Extended memory types count. (Bit 90.)
  public static final BitField EMTE = bit("EMTE", 26);

  /// Page attribute table: eight types of four bits. (Bits 127 to 96.)
  public static final BitField PAT = bits("PAT", 63, 32);

  /// Supervisor requests are allowed. (Bit 128.)
  public static final BitField SRE = bit("SRE", 0);

  /// First-stage paging mode: 0 for 4 levels, 1 for 5. (Bits 131 to 130.)
  public static final BitField FSPM = bits("FSPM", 3, 2);

  /// Write protection holds for supervisor requests, too. (Bit 132.)
  public static final BitField WPE = bit("WPE", 4);

  /// Extended accessed flags are kept. (Bit 135.)
  public static final BitField EAFE = bit("EAFE", 7);

  /// First-stage tables, in place, 4-KiB aligned: host physical, guest physical if nested. (Bits
  /// 191 to 140.)
  public static final BitField FSPTPTR = bits("FSPTPTR", 63, 12);

  /// Host permission table size: 4 KiB times 2^HPTSZ. (Bits 257 to 256.)
  public static final BitField HPTSZ = bits("HPTSZ", 1, 0);

  /// Host permissions are not prefetched. (Bit 258.)
  public static final BitField HPTPFD = bit("HPTPFD", 2);

  /// Host permission table, in place: host physical, 4-KiB aligned. (Bits 319 to 268.)
  public static final BitField HPTPTR = bits("HPTPTR", 63, 12);

  /// Domain-id of the host permission table. (Bits 335 to 320.)
  public static final BitField HPTDID = bits("HPTDID", 15, 0);

  /// Values of PGTT: first stage only.
  public static final int PGTT_FIRST_STAGE = 1;

  /// Second stage only.
  public static final int PGTT_SECOND_STAGE = 2;

  /// First stage over second stage.
  public static final int PGTT_NESTED = 3;

  /// The request's address is the physical one.
  public static final int PGTT_PASS_THROUGH = 4;

  /// Bits that are reserved whatever the unit has, by word; address bits beyond the host's width
  /// aside.
  public static final long RESERVED_W0 = 0xc20;

  public static final long RESERVED_W1 = 0xf87f_0000L;
  public static final long RESERVED_W2 = 0xf02;
  public static final long RESERVED_W4 = 0xff8;
  public static final long RESERVED_W5 = 0xffff_ffff_ffff_0000L;

  /// A present entry for requests that pass untranslated.
  public static PasidEntry passThrough(int domainId) {
    return new PasidEntry(P.mask() | PGTT.encode(PGTT_PASS_THROUGH), DID.encode(domainId), 0, 0, 0);
  }

  /// A present entry for second-stage tables of `levels` (3, 4 or 5) levels.
  public static PasidEntry secondStage(long tables, int levels, int domainId) {
    return new PasidEntry(
        P.mask() | PGTT.encode(PGTT_SECOND_STAGE) | AW.encode(levels - 2) | tables,
        DID.encode(domainId),
        0,
        0,
        0);
  }

  /// A present entry for first-stage tables of `levels` (4 or 5) levels. AW means nothing there,
  /// but some units go by it all the same: it says how wide the first stage is.
  public static PasidEntry firstStage(long tables, int levels, int domainId) {
    return new PasidEntry(
        P.mask() | PGTT.encode(PGTT_FIRST_STAGE) | AW.encode(levels - 2),
        DID.encode(domainId),
        FSPM.encode(levels - 4) | tables,
        0,
        0);
  }

  /// A present entry for first-stage tables, whose addresses go through second-stage tables.
  ///
  /// @param tables first-stage tables: guest physical
  /// @param levels of the first stage: 4 or 5
  /// @param secondTables second-stage tables: host physical
  /// @param secondLevels of the second stage: 3, 4 or 5
  public static PasidEntry nested(
      long tables, int levels, long secondTables, int secondLevels, int domainId) {
    return new PasidEntry(
        P.mask() | PGTT.encode(PGTT_NESTED) | AW.encode(secondLevels - 2) | secondTables,
        DID.encode(domainId),
        FSPM.encode(levels - 4) | tables,
        0,
        0);
  }

  /// The entry with `bits` set in word 0, too.
  public PasidEntry withW0(long bits) {
    return new PasidEntry(w0 | bits, w1, w2, w4, w5);
  }

  /// The entry with `bits` set in word 1, too.
  public PasidEntry withW1(long bits) {
    return new PasidEntry(w0, w1 | bits, w2, w4, w5);
  }

  /// The entry with `bits` set in word 2, too.
  public PasidEntry withW2(long bits) {
    return new PasidEntry(w0, w1, w2 | bits, w4, w5);
  }

  /// The entry with a host permission table.
  ///
  /// @param table host physical, 4-KiB aligned
  /// @param size value of HPTSZ, 0 to 3
  public PasidEntry withHostPermissions(long table, int size, int hptDomainId) {
    return new PasidEntry(w0, w1, w2, HPTSZ.encode(size) | table, HPTDID.encode(hptDomainId));
  }

  public boolean isPresent() {
    return P.isSet(w0);
  }

  /// Whether faults are recorded: FPD is clear.
  public boolean recordsFaults() {
    return !FPD.isSet(w0);
  }

  /// Value of PGTT.
  public int translationType() {
    return PGTT.intOf(w0);
  }

  /// Levels of the second-stage tables that AW stands for; 3, 4 or 5 if it is valid.
  public int secondStageLevels() {
    return AW.intOf(w0) + 2;
  }

  /// Base of the second-stage tables: host physical, 4-KiB aligned.
  public long secondStageTables() {
    return SSPTPTR.inPlace(w0);
  }

  /// Domain-id, 16 bits.
  public int domainId() {
    return DID.intOf(w1);
  }

  /// Levels of the first-stage tables that FSPM stands for; 4 or 5 if it is valid.
  public int firstStageLevels() {
    return FSPM.intOf(w2) + 4;
  }

  /// Base of the first-stage tables, 4-KiB aligned: host physical, guest physical if nested.
  public long firstStageTables() {
    return FSPTPTR.inPlace(w2);
  }

  /// Address of the entry for `pasid` in the table at `pasidTable`.
  public static long address(long pasidTable, int pasid) {
    return pasidTable + (long) (pasid & 0x3f) * BYTES;
  }
}
