package dev.portcullis.archrules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Holds every `@vtd 9.3 Context Entry` and its kin against the pinned section lists in
/// `docs/spec`.
class CitationTest {
  private static final Pattern TAG =
      Pattern.compile("^\\s*///\\s+@(vtd|pcie|acpi|nvme|virtio|vfiouser)\\s+(.*\\S)\\s*$");

  private final Map<String, Set<String>> pinned = new HashMap<>();

  @Test
  void everyCitedSectionIsInThePinnedListOfItsSpecification() {
    List<String> unknown = new ArrayList<>();
    for (Path file : Sources.javaFiles()) {
      List<String> lines = Sources.text(file).lines().toList();
      for (int i = 0; i < lines.size(); i++) {
        Matcher tag = TAG.matcher(lines.get(i));
        if (tag.matches() && !sections(tag.group(1)).contains(whole(tag.group(2), lines, i))) {
          unknown.add(Sources.relative(file) + ":" + (i + 1) + " " + lines.get(i).strip());
        }
      }
    }
    assertThat(unknown).as("sections cited but not listed in docs/spec/sections-*.txt").isEmpty();
  }

  /// A citation too long for its line goes on, indented, on the next one.
  private static String whole(String first, List<String> lines, int at) {
    StringBuilder text = new StringBuilder(first);
    for (int i = at + 1; i < lines.size() && lines.get(i).matches("\\s*///\\s{3,}\\S.*"); i++) {
      text.append(' ').append(lines.get(i).replaceFirst("\\s*///\\s+", "").strip());
    }
    return text.toString();
  }

  private Set<String> sections(String specification) {
    return pinned.computeIfAbsent(specification, CitationTest::load);
  }

  private static Set<String> load(String specification) {
    Path list = Sources.ROOT.resolve("docs/spec/sections-" + specification + ".txt");
    try {
      Set<String> sections = new TreeSet<>();
      for (String line : Files.readAllLines(list)) {
        if (!line.isBlank() && !line.startsWith("#")) {
          sections.add(line.strip());
        }
      }
      return sections;
    } catch (IOException e) {
      throw new AssertionError("no pinned section list " + list, e);
    }
  }
}
