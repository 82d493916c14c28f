package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import java.util.List;

/// The extended capability register, 64 bits, read-only.
///
/// ```
///   63  62    61    60   59     58  57     56   55   54 53     52   51  50    49  48
///  +--+-----+-----+----+-------+---+------+----+----+--+------+----+---+-----+---+------+
///  | 0|IRREQ|EIMER|RDTS|HPT1GPS|SMS|SSIRWS|PTRS|HPTS| 0|RPRIVS|ADMS|PMS|TDXCS|RPS|SMPWCS|
///  +--+-----+-----+----+-------+---+------+----+----+--+------+----+---+-----+---+------+
///   47   46   45    44  43   42  41  40    39  35 34   33   32 31  30  29  28 27 26   25  24
///  +----+----+-----+---+----+---+---+-----+------+----+----+--+---+---+---+-----+----+---+--+
///  |FSTS|SSTS|SSADS|VCS|SMTS|PDS|DIT|PASID| PSS  |EAFS|NWFS| 0|SRS|ERS|PRS|  0  |NEST|MTS| 0|
///  +----+----+-----+---+----+---+---+-----+------+----+----+--+---+---+---+-----+----+---+--+
///   23  20 19 18 17     8  7  6   5  4   3  2  1  0
///  +------+-----+--------+--+--+--+---+--+--+--+--+
///  | MHMV |  0  |  IRO   |SC|PT| 0|EIM|IR|DT|QI| C|
///  +------+-----+--------+--+--+--+---+--+--+--+--+
/// ```
///
/// @param word the register's value
/// @vtd 11.4.3 Extended Capability Register
public record ExtendedCapability(long word) {
  public static final BitField IRREQ = bit("IRREQ", 62);
  public static final BitField EIMER = bit("EIMER", 61);
  public static final BitField RDTS = bit("RDTS", 60);
  public static final BitField HPT1GPS = bit("HPT1GPS", 59);
  public static final BitField SMS = bit("SMS", 58);
  public static final BitField SSIRWS = bit("SSIRWS", 57);
  public static final BitField PTRS = bit("PTRS", 56);
  public static final BitField HPTS = bit("HPTS", 55);
  public static final BitField RPRIVS = bit("RPRIVS", 53);

  /// Abort-DMA mode.
  public static final BitField ADMS = bit("ADMS", 52);

  public static final BitField PMS = bit("PMS", 51);
  public static final BitField TDXCS = bit("TDXCS", 50);
  public static final BitField RPS = bit("RPS", 49);
  public static final BitField SMPWCS = bit("SMPWCS", 48);
  public static final BitField FSTS = bit("FSTS", 47);
  public static final BitField SSTS = bit("SSTS", 46);
  public static final BitField SSADS = bit("SSADS", 45);
  public static final BitField VCS = bit("VCS", 44);

  /// Scalable mode.
  public static final BitField SMTS = bit("SMTS", 43);

  public static final BitField PDS = bit("PDS", 42);
  public static final BitField DIT = bit("DIT", 41);
  public static final BitField PASID = bit("PASID", 40);
  public static final BitField PSS = bits("PSS", 39, 35);
  public static final BitField EAFS = bit("EAFS", 34);
  public static final BitField NWFS = bit("NWFS", 33);
  public static final BitField SRS = bit("SRS", 31);
  public static final BitField ERS = bit("ERS", 30);
  public static final BitField PRS = bit("PRS", 29);
  public static final BitField NEST = bit("NEST", 26);
  public static final BitField MTS = bit("MTS", 25);
  public static final BitField MHMV = bits("MHMV", 23, 20);

  /// Offset of the IVA register, in units of 16 bytes; the IOTLB register follows it.
  public static final BitField IRO = bits("IRO", 17, 8);

  /// Snoop control.
  public static final BitField SC = bit("SC", 7);

  /// Pass-through.
  public static final BitField PT = bit("PT", 6);

  public static final BitField EIM = bit("EIM", 4);

  /// Interrupt remapping.
  public static final BitField IR = bit("IR", 3);

  /// Device-TLBs.
  public static final BitField DT = bit("DT", 2);

  /// Queued invalidation.
  public static final BitField QI = bit("QI", 1);

  /// Coherent table accesses.
  public static final BitField C = bit("C", 0);

  /// All fields, most significant first.
  public static final List<BitField> FIELDS =
      List.of(
          IRREQ, EIMER, RDTS, HPT1GPS, SMS, SSIRWS, PTRS, HPTS, RPRIVS, ADMS, PMS, TDXCS, RPS,
          SMPWCS, FSTS, SSTS, SSADS, VCS, SMTS, PDS, DIT, PASID, PSS, EAFS, NWFS, SRS, ERS, PRS,
          NEST, MTS, MHMV, IRO, SC, PT, EIM, IR, DT, QI, C);

  /// Bits that read as 0.
  public static final long RESERVED = 0x8040_0001_190c_0020L;

  /// Byte offset of the IVA register.
  public int invalidateAddressOffset() {
    return IRO.intOf(word) * 16;
  }
}
