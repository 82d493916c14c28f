package dev.portcullis.spec.register;

import java.util.ArrayList;
import java.util.List;

/// What the capability registers of single features say. Each means something only in a unit that
/// announces its feature; none decides how tables are read.
///
/// @param performance PERFCAP and its fellows
/// @param enhancedCommands ECCAP0 to ECCAP3: bit b of word n stands for command 64 · n + b
/// @param virtualCommands VCCAP
/// @param memoryTypes MTRRCAP
/// @vtd 11.4.12 Memory Type Range Registers
/// @vtd 11.4.13 Performance Monitoring Registers
/// @vtd 11.4.14 Enhanced Command Registers
/// @vtd 11.4.15 Virtual Command Registers
public record FeatureCapabilities(
    PerformanceCapability performance,
    List<Long> enhancedCommands,
    long virtualCommands,
    long memoryTypes) {
  /// How many ECCAP registers there are.
  public static final int COMMAND_WORDS = 4;

  /// The commands of counters, the virtual commands, and ten memory ranges besides the fixed ones.
  public static final FeatureCapabilities STANDARD =
      new FeatureCapabilities(
          PerformanceCapability.STANDARD, List.of(0L, 0L, 0L, 0x3fL << 48), 7, 0x50a);

  public FeatureCapabilities {
    enhancedCommands = List.copyOf(enhancedCommands);
    if (enhancedCommands.size() != COMMAND_WORDS) {
      throw new IllegalArgumentException(
          enhancedCommands.size() + " words of enhanced commands, there are " + COMMAND_WORDS);
    }
    demandClear("VCCAP", virtualCommands, CommandRegisters.VCCAP.reserved());
    demandClear("MTRRCAP", memoryTypes, MemoryTypeRegisters.MTRRCAP.reserved());
    if (MemoryTypeRegisters.VCNT.of(memoryTypes) > MemoryTypeRegisters.VARIABLE_RANGES) {
      throw new IllegalArgumentException(
          "MTRRCAP.VCNT %d: 0 to %d"
              .formatted(
                  MemoryTypeRegisters.VCNT.of(memoryTypes), MemoryTypeRegisters.VARIABLE_RANGES));
    }
  }

  private static void demandClear(String name, long word, long reserved) {
    if ((word & reserved) != 0) {
      throw new IllegalArgumentException(
          "%s %#x: bits %#x are reserved".formatted(name, word, word & reserved));
    }
  }

  /// What a unit with `capabilities` says: it announces no commands of counters where it has none.
  public FeatureCapabilities on(Capabilities capabilities) {
    if (capabilities.has(Feature.PERFORMANCE_MONITORING)) {
      return this;
    }
    List<Long> commands = new ArrayList<>(enhancedCommands);
    commands.set(3, commands.get(3) & ~CommandRegisters.COUNTER_COMMANDS.mask());
    return new FeatureCapabilities(performance, commands, virtualCommands, memoryTypes);
  }

  /// Whether enhanced command `command`, 0 to 255, is announced.
  public boolean commands(int command) {
    return (enhancedCommands.get(command / 64) >>> command % 64 & 1) != 0;
  }
}
