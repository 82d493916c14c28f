package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;
import static dev.portcullis.spec.register.Register.register;
import static dev.portcullis.spec.register.RegisterField.field;

import dev.portcullis.spec.BitField;
import java.util.List;

/// What a unit is, and its switches.
///
/// ```
///   GCMD   31  30   29  28   27  26  25   24   23  22                0
///         +---+----+---+----+---+---+---+-----+---+-------------------+
///         |TE |SRTP|SFL|EAFL|WBF|QIE|IRE|SIRTP|CFI|         0         |
///         +---+----+---+----+---+---+---+-----+---+-------------------+
///   GSTS  |TES|RTPS|FLS|AFLS|WBFS QIES IRES IRTPS CFIS       0        |
///         +---+----+---+----+---+---+---+-----+---+-------------------+
///
///   RTADDR  63                               12 11 10 9  8   7    6   0
///          +-----------------------------------+-----+----+------+-----+
///          |                RTA                | TTM |  0 |SSIRWE|  0  |
///          +-----------------------------------+-----+----+------+-----+
/// ```
///
/// GSTS has each bit where GCMD has the command: one constant names both.
///
/// @vtd 11.4.4 Global Command Register
/// @vtd 11.4.5 Global Status Register
/// @vtd 11.4.6 Root Table Address Register
public final class GlobalRegisters {
  /// Translation enable, and its status.
  public static final BitField TE = bit("TE", 31);

  /// Set root table pointer, and its status.
  public static final BitField SRTP = bit("SRTP", 30);

  /// Write-buffer flush, and its status: 1 while under way.
  public static final BitField WBF = bit("WBF", 27);

  /// Queued invalidation enable, and its status.
  public static final BitField QIE = bit("QIE", 26);

  /// Interrupt remapping enable, and its status.
  public static final BitField IRE = bit("IRE", 25);

  /// Set interrupt remapping table pointer, and its status.
  public static final BitField SIRTP = bit("SIRTP", 24);

  /// Let compatibility-format interrupts pass, and its status.
  public static final BitField CFI = bit("CFI", 23);

  /// Root table address, in place: host physical, 4-KiB aligned.
  public static final BitField RTA = bits("RTA", 63, 12);

  /// Translation table mode: 0 legacy, 1 scalable, 3 abort.
  public static final BitField TTM = bits("TTM", 11, 10);

  /// Second-stage rights are in bits 61 and 62.
  public static final BitField SSIRWE = bit("SSIRWE", 7);

  public static final Register VER =
      register(
          "VER",
          0x000,
          32,
          0,
          field(Capabilities.MAX, Access.RO),
          field(Capabilities.MIN, Access.RO));

  public static final Register CAP = register("CAP", 0x008, 64, 0, readOnly(Capability.FIELDS));

  public static final Register ECAP =
      register("ECAP", 0x010, 64, 0, readOnly(ExtendedCapability.FIELDS));

  public static final Register GCMD =
      register(
          "GCMD",
          0x018,
          32,
          0,
          field(TE, Access.WO),
          field(SRTP, Access.WO),
          field(bits("removed (SFL, EAFL)", 29, 28), Access.WO),
          field(WBF, Access.WO),
          field(QIE, Access.WO),
          field(IRE, Access.WO),
          field(SIRTP, Access.WO),
          field(CFI, Access.WO));

  public static final Register GSTS =
      register(
          "GSTS",
          0x01c,
          32,
          0,
          field(TE, Access.RO),
          field(SRTP, Access.RO),
          field(bits("removed (FLS, AFLS)", 29, 28), Access.RO),
          field(WBF, Access.RO),
          field(QIE, Access.RO),
          field(IRE, Access.RO),
          field(SIRTP, Access.RO),
          field(CFI, Access.RO));

  public static final Register RTADDR =
      register(
          "RTADDR",
          0x020,
          64,
          0,
          field(RTA, Access.RW),
          field(TTM, Access.RW),
          field(SSIRWE, Access.RW, Feature.SECOND_STAGE_IO_RIGHTS));

  /// Tags of the unit's own memory accesses.
  public static final Register RDTC =
      register(
              "RDTC",
              0xdc0,
              64,
              0,
              field(bits("CLOS", 36, 32), Access.RW),
              field(bits("RMID", 11, 0), Access.RW))
          .needs(Feature.RESOURCE_DIRECTOR);

  public static final List<Register> ALL = List.of(VER, CAP, ECAP, GCMD, GSTS, RTADDR, RDTC);

  private GlobalRegisters() {}

  private static RegisterField[] readOnly(List<BitField> fields) {
    return fields.stream().map(bits -> field(bits, Access.RO)).toArray(RegisterField[]::new);
  }
}
