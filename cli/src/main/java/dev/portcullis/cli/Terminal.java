package dev.portcullis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Which of the standard streams lead to a person.
final class Terminal {
  /// Standard input, output and error, by their numbers.
  enum Stream {
    INPUT,
    OUTPUT,
    ERROR
  }

  private Terminal() {}

  /// Whether `stream` is a terminal.
  static boolean is(Stream stream) {
    try {
      Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + stream.ordinal()));
      return target.startsWith("/dev/pts")
          || target.startsWith("/dev/console")
          || target.toString().startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException unknown) {
      return false;
    }
  }
}
