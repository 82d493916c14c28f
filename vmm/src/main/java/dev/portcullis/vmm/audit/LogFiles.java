package dev.portcullis.vmm.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The files of a log: `NAME` is written to; `NAME.000001`, `NAME.000002` and so on are full.
final class LogFiles {
  private static final Pattern FULL = Pattern.compile("(.+)\\.(\\d{6})");

  private LogFiles() {}

  /// The files of the log up to `last`, the oldest first.
  static List<Path> upTo(Path last) throws IOException {
    Matcher m = FULL.matcher(last.getFileName().toString());
    if (m.matches()) {
      List<Path> files = new ArrayList<>(full(last.resolveSibling(m.group(1))));
      files.removeIf(file -> file.getFileName().compareTo(last.getFileName()) >= 0);
      files.add(last);
      return files;
    }
    List<Path> files = new ArrayList<>(full(last));
    files.add(last);
    return files;
  }

  /// The full files of the log at `file`, the oldest first.
  static List<Path> full(Path file) throws IOException {
    String name = file.getFileName().toString();
    try (Stream<Path> siblings = Files.list(folder(file))) {
      return siblings
          .filter(sibling -> {
            Matcher m = FULL.matcher(sibling.getFileName().toString());
            return m.matches() && m.group(1).equals(name);
          })
          .map(sibling -> file.resolveSibling(sibling.getFileName()))
          .sorted()
          .toList();
    }
  }

  private static Path folder(Path file) {
    return file.toAbsolutePath().getParent();
  }

  /// Where the file goes that is full now.
  static Path nextFull(Path file) throws IOException {
    List<Path> full = full(file);
    int number = 1;
    if (!full.isEmpty()) {
      String last = full.getLast().getFileName().toString();
      number = Integer.parseInt(last.substring(last.length() - 6)) + 1;
    }
    if (number > 999_999) {
      throw new IOException("the log " + file + " has no number left");
    }
    return file.resolveSibling("%s.%06d".formatted(file.getFileName(), number));
  }
}
