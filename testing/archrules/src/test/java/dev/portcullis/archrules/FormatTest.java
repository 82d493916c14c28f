package dev.portcullis.archrules;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormatTest {
  private static final boolean WRITE = System.getProperty("format").equals("write");

  @Test
  void everySourceIsFormattedByGoogleJavaFormat() throws Exception {
    Formatter formatter = new Formatter(JavaFormatterOptions.defaultOptions());
    List<Path> unformatted = new ArrayList<>();
    for (Path file : Sources.javaFiles()) {
      String source = Sources.text(file);
      String ordered =
          ImportOrderer.reorderImports(
              RemoveUnusedImports.removeUnusedImports(source), JavaFormatterOptions.Style.GOOGLE);
      String formatted = formatter.formatSource(ordered);
      if (!formatted.equals(source)) {
        if (WRITE) {
          Files.writeString(file, formatted);
        } else {
          unformatted.add(Sources.relative(file));
        }
      }
    }
    assertThat(unformatted)
        .as("unformatted; `mvn -pl testing/archrules -am test -Dformat=write` formats them")
        .isEmpty();
  }
}
