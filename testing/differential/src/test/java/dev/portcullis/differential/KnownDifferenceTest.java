package dev.portcullis.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KnownDifferenceTest {
  private static final Path DOCUMENT =
      Path.of(System.getProperty("portcullis.root"), "docs/deviations-qemu.md");
  private static final Path SECTIONS =
      Path.of(System.getProperty("portcullis.root"), "docs/spec/sections-vtd.txt");
  private static final Pattern ROW = Pattern.compile("\\| `([A-Z_0-9]+)` \\|.*\\| (\\S.*) \\|");

  @Test
  void theDocumentListsExactlyTheDifferencesThatTheComparisonKnows() throws Exception {
    List<String> listed =
        Files.readAllLines(DOCUMENT).stream()
            .map(ROW::matcher)
            .filter(row -> row.matches())
            .map(row -> row.group(1))
            .toList();
    assertThat(listed)
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    Arrays.stream(KnownDifference.values()),
                    Arrays.stream(WalkedAroundIT.Difference.values()))
                .map(Enum::name)
                .toList());
  }

  @Test
  void eachIsDecidedByASectionThereIs() throws Exception {
    List<String> sections = Files.readAllLines(SECTIONS);
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (line.matches("\\|.*\\| \\d[\\d.]* \\S.* \\|")) {
        String cited = line.substring(line.lastIndexOf("| ", line.length() - 3) + 2);
        assertThat(sections).contains(cited.substring(0, cited.length() - 2));
      }
    }
  }
}
