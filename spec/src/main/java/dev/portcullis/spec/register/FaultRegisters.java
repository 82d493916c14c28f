package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;
import static dev.portcullis.spec.register.Register.register;
import static dev.portcullis.spec.register.RegisterField.field;

import dev.portcullis.spec.BitField;
import java.util.List;

/// What went wrong: the status of the log and the records in it.
///
/// ```
///   FSTS   31        16 15      8  7   6   5   4   3  2   1   0
///         +------------+---------+---+---+---+---+------+---+---+
///         |     0      |   FRI   | 0 |ITE|ICE|IQE|  0   |PPF|PFO|
///         +------------+---------+---+---+---+---+------+---+---+
///
///   FRCD, low half    63                              12 11       0
///                    +----------------------------------+----------+
///                    |                FI                |    0     |
///                    +----------------------------------+----------+
///   FRCD, high half   63 62 61 60 59      40 39  32 31  30   29  28 27  16 15   0
///                    +--+--+-----+----------+------+--+---+----+--+------+------+
///                    | F|T1| AT  |    PV    |  FR  |PP|EXE|PRIV|T2|  0   | SID  |
///                    +--+--+-----+----------+------+--+---+----+--+------+------+
/// ```
///
/// @vtd 11.4.7.1 Fault Status Register
/// @vtd 11.4.7.6 Fault Recording Registers
public final class FaultRegisters {
  /// Index of the first record of the burst.
  public static final BitField FRI = bits("FRI", 15, 8);

  /// Device-TLB invalidation time-out.
  public static final BitField ITE = bit("ITE", 6);

  /// Bad device-TLB invalidation completion.
  public static final BitField ICE = bit("ICE", 5);

  /// Invalidation queue error.
  public static final BitField IQE = bit("IQE", 4);

  /// Some record is valid.
  public static final BitField PPF = bit("PPF", 1);

  /// The records overflowed.
  public static final BitField PFO = bit("PFO", 0);

  /// Fault information, in place: the page address of the request.
  public static final BitField FI = bits("FI", 63, 12);

  /// The record is valid.
  public static final BitField F = bit("F", 63);

  /// Type of request, first bit: T1 T2 is 00 write, 01 page request, 10 read, 11 atomic.
  public static final BitField T1 = bit("T1", 62);

  /// Address type: 0 untranslated, 1 translation request, 2 translated.
  public static final BitField AT = bits("AT", 61, 60);

  /// PASID value.
  public static final BitField PV = bits("PV", 59, 40);

  /// Fault reason.
  public static final BitField FR = bits("FR", 39, 32);

  /// PASID present.
  public static final BitField PP = bit("PP", 31);

  public static final BitField EXE = bit("EXE", 30);
  public static final BitField PRIV = bit("PRIV", 29);

  /// Type of request, second bit.
  public static final BitField T2 = bit("T2", 28);

  /// Source-id.
  public static final BitField SID = bits("SID", 15, 0);

  public static final Register FSTS =
      register(
          "FSTS",
          0x034,
          32,
          0,
          field(FRI, Access.ROS),
          field(ITE, Access.RW1CS, Feature.DEVICE_TLBS),
          field(ICE, Access.RW1CS, Feature.DEVICE_TLBS),
          field(IQE, Access.RW1CS, Feature.QUEUED_INVALIDATION),
          field(PPF, Access.ROS),
          field(PFO, Access.RW1CS));

  /// Low half of a fault record; where the first one is says CAP.FRO.
  public static final Register FRCD_LOW = register("FRCD_LOW", 0, 64, 0, field(FI, Access.ROS));

  /// High half of a fault record, 8 bytes after the low one.
  public static final Register FRCD_HIGH =
      register(
          "FRCD_HIGH",
          0,
          64,
          0,
          field(F, Access.RW1CS),
          field(T1, Access.ROS),
          field(AT, Access.ROS, Feature.DEVICE_TLBS),
          field(PV, Access.ROS, Feature.PASID),
          field(FR, Access.ROS),
          field(PP, Access.ROS, Feature.PASID),
          field(EXE, Access.ROS, Feature.PASID),
          field(PRIV, Access.ROS, Feature.PASID),
          field(T2, Access.ROS),
          field(SID, Access.ROS));

  public static final List<Register> ALL = List.of(FSTS, FRCD_LOW, FRCD_HIGH);

  private FaultRegisters() {}
}
