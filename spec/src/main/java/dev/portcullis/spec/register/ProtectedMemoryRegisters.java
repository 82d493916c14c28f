package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;
import static dev.portcullis.spec.register.Register.register;
import static dev.portcullis.spec.register.RegisterField.field;

import dev.portcullis.spec.BitField;
import java.util.List;

/// Memory that no DMA reaches, translated or not.
///
/// How fine a region can be is a unit's choice; here it is 2 MiB: the low 21 bits of a base read as
/// 0, those of a limit are taken as 1.
///
/// @vtd 11.4.8 Protected Memory Registers
public final class ProtectedMemoryRegisters {
  /// Bits of an address below the grain of a region.
  public static final int GRAIN_BITS = 21;

  /// Enable protection.
  public static final BitField EPM = bit("EPM", 31);

  /// Protection is active.
  public static final BitField PRS = bit("PRS", 0);

  /// Base or limit below 4 GiB, in place.
  public static final BitField LOW = bits("PLM", 31, GRAIN_BITS);

  /// Base or limit anywhere, in place.
  public static final BitField HIGH = bits("PHM", 63, GRAIN_BITS);

  /// There with either kind of region.
  public static final Register PMEN =
      register("PMEN", 0x064, 32, 0, field(EPM, Access.RW), field(PRS, Access.RO));

  public static final Register PLMBASE = low("PLMBASE", 0x068);
  public static final Register PLMLIMIT = low("PLMLIMIT", 0x06c);
  public static final Register PHMBASE = high("PHMBASE", 0x070);
  public static final Register PHMLIMIT = high("PHMLIMIT", 0x078);

  public static final List<Register> ALL = List.of(PMEN, PLMBASE, PLMLIMIT, PHMBASE, PHMLIMIT);

  private ProtectedMemoryRegisters() {}

  private static Register low(String name, int offset) {
    return register(name, offset, 32, 0, field(LOW, Access.RW)).needs(Feature.PROTECTED_LOW_MEMORY);
  }

  private static Register high(String name, int offset) {
    return register(name, offset, 64, 0, field(HIGH, Access.RW))
        .needs(Feature.PROTECTED_HIGH_MEMORY);
  }
}
