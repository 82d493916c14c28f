package dev.portcullis.unit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.unit.UnitConfiguration.Preset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// `docs/profiles.md` says what the profiles announce, register by register.
class ProfileDocumentTest {
  private static final Path DOCUMENT =
      Path.of(System.getProperty("portcullis.root"), "docs/profiles.md");

  /// The first five columns.
  private static final Pattern ROW = Pattern.compile("(\\| `[^|]*` (?:\\|[^|]*){4}\\|).*");

  private static String row(Preset preset) {
    Capabilities announced = preset.builder().build().capabilities();
    return "| `%s` | %02X | %016X | %016X | %d |"
        .formatted(
            preset.key(),
            announced.versionWord(),
            announced.capability().word(),
            announced.extended().word(),
            announced.hostAddressBits());
  }

  @Test
  void theDocumentSaysWhatEachProfileAnnounces() throws IOException {
    List<String> rows =
        Files.readAllLines(DOCUMENT).stream()
            .map(ROW::matcher)
            .filter(Matcher::matches)
            .map(match -> match.group(1))
            .toList();

    assertThat(rows)
        .containsExactlyElementsOf(
            Arrays.stream(Preset.values()).map(ProfileDocumentTest::row).toList());
  }
}
