package dev.portcullis.cli;

import dev.portcullis.machine.description.MachineDescription;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads `--memory`.
final class MemorySize implements ITypeConverter<Long> {
  @Override
  public Long convert(String text) {
    try {
      return MachineDescription.memory(text);
    } catch (IllegalArgumentException refused) {
      throw new TypeConversionException(refused.getMessage());
    }
  }
}
