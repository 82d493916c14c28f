package dev.portcullis.archrules;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class HouseRulesTest {
  private static final Pattern DEVIATION = Pattern.compile("// Deviation: (.*)");
  private static final Pattern UNFINISHED = Pattern.compile("TO" + "DO|FIX" + "ME|@Dis" + "abled");

  @Test
  void everyPackageSaysWhatItsRoomIsFor() {
    TreeSet<Path> silent = new TreeSet<>();
    for (Path file : Sources.javaFiles()) {
      boolean mainCode = file.toString().contains("src/main/java");
      boolean moduleInfo = file.endsWith("module-info.java");
      if (mainCode && !moduleInfo && !Files.exists(file.resolveSibling("package-info.java"))) {
        silent.add(Sources.relative(file.getParent()));
      }
    }
    assertThat(silent).as("packages without package-info.java").isEmpty();
  }

  @Test
  void everyModuleWithMainCodeIsANamedModule() {
    TreeSet<Path> unnamed = new TreeSet<>();
    for (Path file : Sources.javaFiles()) {
      Path main = mainFolder(file);
      if (main != null && !Files.exists(main.resolve("module-info.java"))) {
        unnamed.add(Sources.relative(main));
      }
    }
    assertThat(unnamed).as("source folders without module-info.java").isEmpty();
  }

  private static Path mainFolder(Path file) {
    for (Path at = file.getParent(); at != null; at = at.getParent()) {
      if (at.endsWith("src/main/java")) {
        return at;
      }
    }
    return null;
  }

  @Test
  void everyKnownDeviationIsListedInTheDocuments() {
    String listed = Sources.text(Sources.ROOT.resolve("docs/deviations.md"));
    List<String> unlisted = new ArrayList<>();
    for (Path file : Sources.javaFiles()) {
      Matcher m = DEVIATION.matcher(Sources.text(file));
      while (m.find() && !file.endsWith("HouseRulesTest.java")) {
        if (!listed.contains(file.getFileName().toString())) {
          unlisted.add(Sources.relative(file) + ": " + m.group(1));
        }
      }
    }
    assertThat(unlisted).as("deviations whose file docs/deviations.md does not name").isEmpty();
  }

  @Test
  void nothingIsLeftUnfinishedOrSwitchedOff() {
    List<String> found = new ArrayList<>();
    for (Path file : Sources.javaFiles()) {
      if (UNFINISHED.matcher(Sources.text(file)).find()) {
        found.add(Sources.relative(file).toString());
      }
    }
    assertThat(found).isEmpty();
  }
}
