package dev.portcullis.machine.firmware;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Remembers where the firmware put the registers of each machine it has met: it does the same
/// every time, but nobody can say beforehand what. One small file for each layout.
public final class Placements {
  private final Path folder;

  /// Remembers in `folder`, which is made when it is needed.
  public Placements(Path folder) {
    this.folder = folder;
  }

  /// What is known of a layout: the address of each unit's registers, by its id.
  ///
  /// @param layout everything the firmware's choice can depend on, as text
  public Optional<Map<String, Long>> find(String layout) throws IOException {
    try {
      Map<String, Long> bases = new TreeMap<>();
      for (String line : Files.readAllLines(file(layout))) {
        int space = line.indexOf(' ');
        bases.put(line.substring(space + 1), Long.parseLong(line, 0, space, 16));
      }
      return Optional.of(bases);
    } catch (NoSuchFileException unknown) {
      return Optional.empty();
    } catch (IndexOutOfBoundsException | NumberFormatException damaged) {
      return Optional.empty();
    }
  }

  /// Remembers `bases` for a layout.
  public void store(String layout, Map<String, Long> bases) throws IOException {
    StringBuilder lines = new StringBuilder();
    bases.forEach((unit, base) -> lines.append("%x %s\n".formatted(base, unit)));
    Files.createDirectories(folder);
    Path written = Files.createTempFile(folder, "placement", "");
    Files.writeString(written, lines);
    Files.move(written, file(layout), StandardCopyOption.ATOMIC_MOVE);
  }

  /// `dmar0=0xfebf1000 …`, for the log.
  public static String text(Map<String, Long> bases) {
    return bases.entrySet().stream()
        .map(unit -> "%s=%#x".formatted(unit.getKey(), unit.getValue()))
        .collect(Collectors.joining(" "));
  }

  private Path file(String layout) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(layout.getBytes(StandardCharsets.UTF_8));
      return folder.resolve(HexFormat.of().formatHex(digest, 0, 16));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
