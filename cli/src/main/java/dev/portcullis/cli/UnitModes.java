package dev.portcullis.cli;

import dev.portcullis.machine.guest.UnitMode;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads `--unit`.
final class UnitModes implements ITypeConverter<UnitMode>, Iterable<String> {

  private static List<String> labels() {
    return Arrays.stream(UnitMode.values()).map(UnitMode::label).toList();
  }

  @Override
  public UnitMode convert(String text) {
    return Arrays.stream(UnitMode.values())
        .filter(mode -> mode.label().equals(text))
        .findFirst()
        .orElseThrow(() ->
            new TypeConversionException(
                "\"" + text + "\" is none of " + String.join(", ", labels())));
  }

  @Override
  public Iterator<String> iterator() {
    return labels().iterator();
  }
}
