package dev.portcullis.archrules;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What the threat model says is held by a test is held by one that there is.
class ThreatModelTest {
  private static final String SECTION = "## A user partition against management";
  private static final Pattern NAMED = Pattern.compile("`(\\w+)#(\\w+)`");
  private static final int LEAST_ATTEMPTS = 30;

  private static List<String> attempts() {
    String model = Sources.text(Sources.ROOT.resolve("docs/threat-model.md"));
    assertThat(model).contains(SECTION);
    String section = model.substring(model.indexOf(SECTION) + SECTION.length()).split("\n## ")[0];
    return section.lines().filter(line -> line.startsWith("| ")).skip(1).toList();
  }

  @Test
  void everyAttemptNamesATest() {
    assertThat(attempts()).hasSizeGreaterThan(LEAST_ATTEMPTS);
    assertThat(attempts()).allMatch(line -> NAMED.matcher(line).find());
  }

  @Test
  void everyTestThatIsNamedExists() {
    Map<String, List<Path>> tests =
        Sources.javaFiles().stream()
            .filter(file -> file.toString().contains("src/test/java"))
            .collect(Collectors.groupingBy(file -> file.getFileName().toString()));
    List<String> missing = new ArrayList<>();
    for (String line : attempts()) {
      Matcher named = NAMED.matcher(line);
      while (named.find()) {
        List<Path> files = tests.getOrDefault(named.group(1) + ".java", List.of());
        if (files.stream().noneMatch(file -> has(file, named.group(2)))) {
          missing.add(named.group());
        }
      }
    }
    assertThat(missing).as("tests that docs/threat-model.md names and nobody wrote").isEmpty();
  }

  private static boolean has(Path file, String method) {
    String text = Sources.text(file);
    return text.contains("Test\n") && text.contains("\n  void " + method + "(");
  }
}
