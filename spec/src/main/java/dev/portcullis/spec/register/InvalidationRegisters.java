package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;
import static dev.portcullis.spec.register.Register.register;
import static dev.portcullis.spec.register.RegisterField.field;

import dev.portcullis.spec.BitField;
import java.util.List;

/// Invalidation by register, for units of major version 5 and earlier.
///
/// ```
///   CCMD   63  62  61 60  59 58       34 33 32 31       16 15        0
///         +---+------+------+-----------+-----+-----------+-----------+
///         |ICC| CIRG | CAIG |     0     | FM  |    SID    |    DID    |
///         +---+------+------+-----------+-----+-----------+-----------+
///   IVA    63                            12 11    7   6   5          0
///         +--------------------------------+-------+----+-------------+
///         |              ADDR              |   0   | IH |     AM      |
///         +--------------------------------+-------+----+-------------+
///   IOTLB  63  62 61  60 59 58  57 56  50 49 48 47     32 31          0
///         +---+--+------+--+------+------+--+--+---------+-------------+
///         |IVT| 0| IIRG | 0| IAIG |  0   |DR|DW|   DID   |      0      |
///         +---+--+------+--+------+------+--+--+---------+-------------+
/// ```
///
/// @vtd 6.5.1 Register-based Invalidation Interface
public final class InvalidationRegisters {
  /// Start a context-cache invalidation; 1 while under way.
  public static final BitField ICC = bit("ICC", 63);

  /// Granularity asked for, as [Granularity] has it.
  public static final BitField CIRG = bits("CIRG", 62, 61);

  /// Granularity carried out; 0 when ignored.
  public static final BitField CAIG = bits("CAIG", 60, 59);

  /// Low bits of the source-id to ignore: 0 none, 1 bit 2, 2 bits 2:1, 3 bits 2:0.
  public static final BitField FM = bits("FM", 33, 32);

  public static final BitField CCMD_SID = bits("SID", 31, 16);
  public static final BitField CCMD_DID = bits("DID", 15, 0);

  /// Page to invalidate, in place.
  public static final BitField ADDR = bits("ADDR", 63, 12);

  /// Only leaf entries changed.
  public static final BitField IH = bit("IH", 6);

  /// 2^AM pages.
  public static final BitField AM = bits("AM", 5, 0);

  /// Start an IOTLB invalidation; 1 while under way.
  public static final BitField IVT = bit("IVT", 63);

  /// Granularity asked for, as [Granularity] has it.
  public static final BitField IIRG = bits("IIRG", 61, 60);

  /// Granularity carried out; 0 when ignored.
  public static final BitField IAIG = bits("IAIG", 58, 57);

  /// Drain reads.
  public static final BitField DR = bit("DR", 49);

  /// Drain writes.
  public static final BitField DW = bit("DW", 48);

  public static final BitField IOTLB_DID = bits("DID", 47, 32);

  public static final Register CCMD =
      register(
          "CCMD",
          0x028,
          64,
          0,
          field(ICC, Access.RW),
          field(CIRG, Access.RW),
          field(CAIG, Access.RO),
          field(FM, Access.WO),
          field(CCMD_SID, Access.WO),
          field(CCMD_DID, Access.RW));

  /// Where it is says ECAP.IRO.
  public static final Register IVA =
      register("IVA", 0, 64, 0, field(ADDR, Access.WO), field(IH, Access.WO), field(AM, Access.WO));

  /// 8 bytes after IVA.
  public static final Register IOTLB =
      register(
          "IOTLB",
          0,
          64,
          0,
          field(IVT, Access.RW),
          field(IIRG, Access.RW),
          field(IAIG, Access.RO),
          field(DR, Access.RW),
          field(DW, Access.RW),
          field(IOTLB_DID, Access.RW));

  public static final List<Register> ALL = List.of(CCMD, IVA, IOTLB);

  private InvalidationRegisters() {}
}
