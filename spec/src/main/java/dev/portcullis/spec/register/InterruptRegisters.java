package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;
import static dev.portcullis.spec.register.Register.register;
import static dev.portcullis.spec.register.RegisterField.field;

import dev.portcullis.spec.BitField;
import java.util.List;

/// Where the interrupt remapping table is.
///
/// ```
///   IRTA  63                             12  11  10        4 3      0
///        +---------------------------------+----+-----------+--------+
///        |              IRTA               |EIME|     0     |   S    |
///        +---------------------------------+----+-----------+--------+
/// ```
///
/// @vtd 11.4.10 Interrupt Remapping Table Address Register
public final class InterruptRegisters {
  /// Base, in place: host physical, 4-KiB aligned.
  public static final BitField IRTA_BASE = bits("IRTA", 63, 12);

  /// Destinations are 32 bits wide.
  public static final BitField EIME = bit("EIME", 11);

  /// 2^(S+1) entries.
  public static final BitField S = bits("S", 3, 0);

  public static final Register IRTA =
      register(
              "IRTA",
              0x0b8,
              64,
              0,
              field(IRTA_BASE, Access.RW),
              field(EIME, Access.RW, Feature.EXTENDED_INTERRUPT_MODE),
              field(S, Access.RW))
          .needs(Feature.INTERRUPT_REMAPPING);

  public static final List<Register> ALL = List.of(IRTA);

  private InterruptRegisters() {}
}
