package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;
import static dev.portcullis.spec.register.Register.register;
import static dev.portcullis.spec.register.RegisterField.field;

import dev.portcullis.spec.BitField;
import java.util.List;

/// Commands with a response: enhanced commands, and the virtual ones of emulated units.
///
/// ```
///   ECMD, VCMD    63                              16 15      8 7          0
///                +----------------------------------+---------+------------+
///                |            operand A             |    0    |    CMD     |
///                +----------------------------------+---------+------------+
///   ECRSP, VCRSP  63                              16 15      8 7     1   0
///                +----------------------------------+---------+-------+----+
///                |              RSLT                |    0    |  SC   | IP |
///                +----------------------------------+---------+-------+----+
/// ```
///
/// A command starts when the byte CMD is written.
///
/// @vtd 11.4.14 Enhanced Command Registers
/// @vtd 11.4.15 Virtual Command Registers
public final class CommandRegisters {
  public static final BitField OPERAND = bits("OA", 63, 16);
  public static final BitField CMD = bits("CMD", 7, 0);

  /// Operand B.
  public static final BitField OPERAND_B = bits("OB", 63, 0);

  public static final BitField RSLT = bits("RSLT", 63, 16);

  /// Status code: 0 success, 1 no such command.
  public static final BitField SC = bits("SC", 7, 1);

  /// The command is in progress.
  public static final BitField IP = bit("IP", 0);

  /// PASID in operand A of a virtual command, and in the result.
  public static final BitField PASID = bits("PASID", 35, 16);

  /// Status code of success.
  public static final int SUCCESS = 0;

  /// Status code of a command that is not known.
  public static final int UNDEFINED = 1;

  /// The first status code that means something else with each command.
  public static final int SPECIFIC = 16;

  /// Enhanced commands: enable a counter, whose number is operand A.
  public static final int ENABLE_COUNTER = 0xf0;

  public static final int DISABLE_COUNTER = 0xf1;
  public static final int RESET_CONFIGURATION = 0xf2;
  public static final int RESET_COUNTERS = 0xf3;
  public static final int FREEZE_ALL = 0xf4;
  public static final int UNFREEZE_ALL = 0xf5;

  /// The commands of counters in the fourth word of enhanced commands.
  public static final BitField COUNTER_COMMANDS = bits("counters", 53, 48);

  /// Virtual commands.
  public static final int VIRTUAL_NULL = 0;

  public static final int ALLOCATE_PASID = 1;
  public static final int FREE_PASID = 2;

  public static final Register ECMD =
      register("ECMD", 0x400, 64, 0, field(OPERAND, Access.WO), field(CMD, Access.WO))
          .needs(Feature.ENHANCED_COMMANDS);

  public static final Register ECEO =
      register("ECEO", 0x408, 64, 0, field(OPERAND_B, Access.WO)).needs(Feature.ENHANCED_COMMANDS);

  public static final Register ECRSP = response("ECRSP", 0x410, Feature.ENHANCED_COMMANDS);

  /// Which enhanced commands there are: bit b of word n stands for 64 · n + b.
  public static final Register ECCAP0 = capability("ECCAP0", 0x430);

  public static final Register ECCAP1 = capability("ECCAP1", 0x438);
  public static final Register ECCAP2 = capability("ECCAP2", 0x440);
  public static final Register ECCAP3 = capability("ECCAP3", 0x448);

  public static final Register VCMD =
      register("VCMD", 0xe00, 64, 0, field(OPERAND, Access.WO), field(CMD, Access.WO))
          .needs(Feature.VIRTUAL_COMMANDS);

  public static final Register VCMD_EO =
      register("VCMD_EO", 0xe08, 64, 0, field(OPERAND_B, Access.WO))
          .needs(Feature.VIRTUAL_COMMANDS);

  public static final Register VCRSP = response("VCRSP", 0xe10, Feature.VIRTUAL_COMMANDS);

  /// Null command, PASID allocation, PASID release.
  public static final BitField NS = bit("NS", 0);

  public static final BitField PAS = bit("PAS", 1);
  public static final BitField FPS = bit("FPS", 2);

  public static final Register VCCAP =
      register(
              "VCCAP",
              0xe30,
              64,
              0,
              field(NS, Access.RO),
              field(PAS, Access.RO),
              field(FPS, Access.RO))
          .needs(Feature.VIRTUAL_COMMANDS);

  /// Those that carry out commands.
  public static final List<Register> COMMANDS = List.of(ECMD, ECEO, ECRSP, VCMD, VCMD_EO, VCRSP);

  /// Those that announce enhanced commands.
  public static final List<Register> ECCAP = List.of(ECCAP0, ECCAP1, ECCAP2, ECCAP3);

  private CommandRegisters() {}

  private static Register response(String name, int offset, Feature needed) {
    return register(
            name, offset, 64, 0, field(RSLT, Access.RO), field(SC, Access.RO), field(IP, Access.RO))
        .needs(needed);
  }

  private static Register capability(String name, int offset) {
    return register(name, offset, 64, 0, field(bits("commands", 63, 0), Access.RO))
        .needs(Feature.ENHANCED_COMMANDS);
  }
}
