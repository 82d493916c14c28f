package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;
import static dev.portcullis.spec.register.Register.register;
import static dev.portcullis.spec.register.RegisterField.field;

import dev.portcullis.spec.BitField;
import java.util.List;

/// The page-request queue: filled by the unit at the tail, emptied by software at the head.
///
/// ```
///   PQH, PQT  63                     19 18              5 4       0
///            +-------------------------+-----------------+---------+
///            |            0            |    PQH / PQT    |    0    |
///            +-------------------------+-----------------+---------+
///   PQA       63                     12 11               3 2      0
///            +--------------------------+-----------------+--------+
///            |           PQA            |        0        |  PQS   |
///            +--------------------------+-----------------+--------+
/// ```
///
/// @vtd 11.4.11 Page Request Queue Registers
public final class PageRequestRegisters {
  public static final BitField PQH_OFFSET = bits("PQH", 18, 5);
  public static final BitField PQT_OFFSET = bits("PQT", 18, 5);
  public static final BitField PQA_BASE = bits("PQA", 63, 12);

  /// 2^PQS pages.
  public static final BitField PQS = bits("PQS", 2, 0);

  /// The queue overflowed.
  public static final BitField PRO = bit("PRO", 1);

  /// A page request is in the queue.
  public static final BitField PPR = bit("PPR", 0);

  public static final Register PQH =
      register("PQH", 0x0c0, 64, 0, field(PQH_OFFSET, Access.RW)).needs(Feature.PAGE_REQUESTS);

  public static final Register PQT =
      register("PQT", 0x0c8, 64, 0, field(PQT_OFFSET, Access.RW)).needs(Feature.PAGE_REQUESTS);

  public static final Register PQA =
      register("PQA", 0x0d0, 64, 0, field(PQA_BASE, Access.RW), field(PQS, Access.RW))
          .needs(Feature.PAGE_REQUESTS);

  public static final Register PRS =
      register("PRS", 0x0dc, 32, 0, field(PRO, Access.RW1CS), field(PPR, Access.RW1CS))
          .needs(Feature.PAGE_REQUESTS);

  public static final List<Register> ALL = List.of(PQH, PQT, PQA, PRS);

  private PageRequestRegisters() {}
}
