package dev.portcullis.kit.coverage;

import dev.portcullis.kit.coverage.Item.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// `docs/coverage.md`: each item with the tests that reach it, or with the reason why none does.
///
/// @param tests the tests of each item
/// @param exclusions the reason of each item that no test can reach yet
public record CoverageDocument(
    SortedMap<String, SortedSet<String>> tests, Map<String, String> exclusions) {
  private static final String HEAD =
      """
      # What the conformance tests cover

      Generated from `@Covers` on the tests by `CoverageTest`; do not edit. `mvn -pl testing/conformance -am test
      -Dcoverage=write` writes it. An item is reached by a named test, or stands here with the reason why not.
      """;

  /// Collects what classes with tests say they cover.
  public static SortedMap<String, SortedSet<String>> testsIn(List<Class<?>> classes) {
    SortedMap<String, SortedSet<String>> tests = new TreeMap<>();
    for (Class<?> one : classes) {
      add(tests, one.getAnnotation(Covers.class), one.getSimpleName());
      for (var method : one.getDeclaredMethods()) {
        String name = one.getSimpleName() + "." + method.getName();
        add(tests, method.getAnnotation(Covers.class), name);
      }
    }
    return tests;
  }

  private static void add(
      SortedMap<String, SortedSet<String>> tests, Covers covers, String testName) {
    if (covers != null) {
      for (String key : covers.value()) {
        tests.computeIfAbsent(key, unseen -> new TreeSet<>()).add(testName);
      }
    }
  }

  /// What is wrong: items neither covered nor excluded, or both, and keys that nothing has.
  public List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    SortedSet<String> unknown = new TreeSet<>(tests.keySet());
    unknown.addAll(exclusions.keySet());
    for (Item item : Universe.items()) {
      unknown.remove(item.key());
      boolean covered = tests.containsKey(item.key());
      boolean excluded = exclusions.containsKey(item.key());
      if (covered && excluded) {
        complaints.add(item.key() + ": covered, and yet excluded");
      } else if (!covered && !excluded) {
        complaints.add(item.key() + " (" + item.meaning() + "): no test, no reason");
      }
    }
    unknown.forEach(key -> complaints.add(key + ": no such item"));
    return complaints;
  }

  /// The document.
  public String text() {
    StringBuilder text = new StringBuilder(HEAD);
    for (Section section : Section.values()) {
      List<Item> items =
          Universe.items().stream().filter(item -> item.section() == section).toList();
      long covered = items.stream().filter(item -> tests.containsKey(item.key())).count();
      text.append("\n## %s: %d of %d\n\n".formatted(section.title(), covered, items.size()));
      text.append("| item | meaning | reached by |\n|---|---|---|\n");
      for (Item item : items) {
        text.append("| %s | %s | %s |\n".formatted(item.key(), item.meaning(), reach(item)));
      }
    }
    return text.toString();
  }

  private String reach(Item item) {
    SortedSet<String> by = tests.get(item.key());
    return by == null
        ? "– " + exclusions.getOrDefault(item.key(), "")
        : "`" + String.join("`, `", by) + "`";
  }
}
