package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;
import static dev.portcullis.spec.register.Register.register;
import static dev.portcullis.spec.register.RegisterField.field;

import dev.portcullis.spec.BitField;
import java.util.List;

/// The invalidation queue: a ring in memory, filled by software at the tail, emptied at the head.
///
/// ```
///   IQH, IQT  63                     19 18              4 3       0
///            +-------------------------+-----------------+---------+
///            |            0            |     QH / QT     |    0    |
///            +-------------------------+-----------------+---------+
///   IQA       63                     12  11  10          3 2      0
///            +--------------------------+---+-------------+--------+
///            |           IQA            |DW |      0      |   QS   |
///            +--------------------------+---+-------------+--------+
///   IQERCD    63      48 47        32 31                 4 3      0
///            +----------+------------+--------------------+--------+
///            |  ICESID  |   ITESID   |         0          |  IQEI  |
///            +----------+------------+--------------------+--------+
/// ```
///
/// @vtd 11.4.9.1 Invalidation Queue Head Register
/// @vtd 11.4.9.2 Invalidation Queue Tail Register
/// @vtd 11.4.9.3 Invalidation Queue Address Register
/// @vtd 11.4.9.4 Invalidation Completion Status Register
/// @vtd 11.4.9.9 Invalidation Queue Error Record Register
public final class QueueRegisters {
  /// Byte offset of the next descriptor to carry out, in place.
  public static final BitField QH = bits("QH", 18, 4);

  /// Byte offset after the last descriptor, in place.
  public static final BitField QT = bits("QT", 18, 4);

  /// Base, in place: host physical, 4-KiB aligned.
  public static final BitField IQA_BASE = bits("IQA", 63, 12);

  /// Descriptors are 256 bits wide.
  public static final BitField DW = bit("DW", 11);

  /// 2^QS pages.
  public static final BitField QS = bits("QS", 2, 0);

  /// A wait descriptor with its interrupt flag has completed.
  public static final BitField IWC = bit("IWC", 0);

  public static final BitField ICESID = bits("ICESID", 63, 48);
  public static final BitField ITESID = bits("ITESID", 47, 32);

  /// What stopped the queue, see [QueueError].
  public static final BitField IQEI = bits("IQEI", 3, 0);

  public static final Register IQH =
      register("IQH", 0x080, 64, 0, field(QH, Access.RO)).needs(Feature.QUEUED_INVALIDATION);

  public static final Register IQT =
      register("IQT", 0x088, 64, 0, field(QT, Access.RW)).needs(Feature.QUEUED_INVALIDATION);

  public static final Register IQA =
      register(
              "IQA",
              0x090,
              64,
              0,
              field(IQA_BASE, Access.RW),
              field(DW, Access.RW),
              field(QS, Access.RW))
          .needs(Feature.QUEUED_INVALIDATION);

  public static final Register ICS =
      register("ICS", 0x09c, 32, 0, field(IWC, Access.RW1CS)).needs(Feature.QUEUED_INVALIDATION);

  public static final Register IQERCD =
      register(
              "IQERCD",
              0x0b0,
              64,
              0,
              field(ICESID, Access.ROS),
              field(ITESID, Access.ROS),
              field(IQEI, Access.ROS))
          .needs(Feature.QUEUED_INVALIDATION);

  public static final List<Register> ALL = List.of(IQH, IQT, IQA, ICS, IQERCD);

  private QueueRegisters() {}
}
