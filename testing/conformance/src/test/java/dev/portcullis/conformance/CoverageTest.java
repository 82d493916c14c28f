package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.coverage.CoverageDocument;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/coverage.md` says which test reaches which item, and no item is without test or reason.
class CoverageTest {
  private static final Path DOCUMENT =
      Path.of(System.getProperty("portcullis.root")).resolve("docs/coverage.md");
  private static final boolean WRITE = "write".equals(System.getProperty("coverage"));

  private final CoverageDocument document =
      new CoverageDocument(CoverageDocument.testsIn(testClasses()), exclusions());

  @Test
  void everyItemIsReachedByATestOrExcludedWithAReason() {
    assertThat(document.complaints()).isEmpty();
  }

  @Test
  void theDocumentIsUpToDate() throws IOException {
    if (WRITE) {
      Files.writeString(DOCUMENT, document.text());
    }
    assertThat(document.text())
        .as("run `mvn -pl testing/conformance -am test -Dcoverage=write`")
        .isEqualTo(Files.readString(DOCUMENT));
  }

  private static List<Class<?>> testClasses() {
    List<Class<?>> classes = new ArrayList<>();
    try (Stream<Path> files =
        Files.list(
            Path.of(CoverageTest.class.getResource("CoverageTest.class").toURI()).getParent())) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith("Test.class")) {
          String simple = name.substring(0, name.length() - ".class".length());
          classes.add(Class.forName(CoverageTest.class.getPackageName() + "." + simple));
        }
      }
    } catch (IOException | URISyntaxException | ClassNotFoundException e) {
      throw new AssertionError(e);
    }
    return classes;
  }

  /// `exclusions.txt`: keys and the reason on each line.
  private static Map<String, String> exclusions() {
    Map<String, String> exclusions = new TreeMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                CoverageTest.class.getResourceAsStream("/exclusions.txt"),
                StandardCharsets.UTF_8))) {
      for (String line : lines.lines().toList()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          String[] parts = line.split(" \\| ", 2);
          for (String key : parts[0].split(", ")) {
            exclusions.put(key.strip(), parts[1].strip());
          }
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return exclusions;
  }
}
