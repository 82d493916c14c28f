package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PolicyCommandTest {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("portcullis.root")).resolve("examples").resolve("access");

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int test(String... arguments) {
    String[] all = new String[arguments.length + 2];
    all[0] = "policy";
    all[1] = "test";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)).execute(all);
  }

  private String facts(String from, String to) throws Exception {
    Path file = folder.resolve("facts.yaml");
    String text = Files.readString(EXAMPLES.resolve("facts.yaml"));
    assertThat(text).contains(from);
    return Files.writeString(file, text.replace(from, to)).toString();
  }

  private String policy() {
    return EXAMPLES.resolve("office.yaml").toString();
  }

  @Test
  void exampleDecidesForEachReason() throws Exception {
    assertThat(test(policy(), facts("2.0-1", "2.0-1"))).isEqualTo(1);
    assertThat(out).asString().contains("conditional: The browser is out of date.");
    assertThat(test(policy(), facts("2.0-1", "2.1-1"))).isZero();
    assertThat(out).asString().endsWith("unrestricted: Everything is as it should be.\n");
    assertThat(test(policy(), facts("age: 12", "age: 500"))).isEqualTo(1);
    assertThat(out).asString().contains("denied: The last report of this computer is too old.");
    assertThat(test(policy(), facts("age: 12, ", ""))).isEqualTo(1);
    assertThat(out).asString().contains("cannot be decided: key 'age' is not present in map.");
    assertThat(err).asString().isEmpty();
  }

  @Test
  void resultIsThereAsJson() throws Exception {
    assertThat(test("--json", policy(), facts("2.0-1", "2.0-1"))).isEqualTo(1);
    JsonNode json = JsonMapper.shared().readTree(out.toString());
    assertThat(json.get("result").asString()).isEqualTo("conditional");
    assertThat(json.get("rule").asString()).isEqualTo("old browser");
    assertThat(json.get("trace")).hasSize(3);
  }

  @Test
  void mistakesAreOneLineAndCode2() throws Exception {
    Path bad = Files.writeString(folder.resolve("bad.yaml"), "policy: x\nrules: 3\n");
    assertThat(test(bad.toString(), facts("2.0-1", "2.0-1"))).isEqualTo(2);
    assertThat(test(policy(), folder.resolve("none").toString())).isEqualTo(2);
    assertThat(test(folder.resolve("none").toString(), policy())).isEqualTo(2);
    assertThat(test(policy())).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(4).allMatch(line -> line.startsWith("portcullis: "));
    assertThat(out).asString().isEmpty();
  }
}
