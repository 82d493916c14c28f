package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class NativeRunTest {
  private static final String FILE =
      """
      units:
        - {id: dmar0, at: 00:01.0, profile: scalable}
      devices:
        - {name: disk, type: nvme, at: 00:04.0, size: 64M}
        - {name: card, type: edu, at: 00:05.0, dma-bits: 32}
      native:
        high-memory: 8M
        drivers:
          - {name: nvme, device: disk}
          - {name: cards, device: card}
      expect:
        - {does: stray, driver: cards, bug: overrun, bytes: 512}
        - {does: disk, driver: nvme, bytes: 1M}
        - {does: compare, driver: cards, bytes: 1M}
      """;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String yaml, String... options) throws IOException {
    Path file = Files.writeString(folder.resolve("native.yaml"), yaml);
    var line = Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true));
    String[] arguments = new String[options.length + 2];
    arguments[0] = "run";
    arguments[1] = file.toString();
    System.arraycopy(options, 0, arguments, 2, options.length);
    return line.execute(arguments);
  }

  @Test
  void tellsWhichDriverWhichBufferAndHowFarOff() throws Exception {
    assertThat(run(FILE)).isZero();
    assertThat(out.toString())
        .contains("driver cards, device card (00:05.0): a write to page")
        .contains("1 to 4,096 bytes behind the end of buffer 1")
        .contains("COPIES/BYTE")
        .endsWith("3 of 3 expectations held.\n");
  }

  @Test
  void tellsPrograms() throws Exception {
    assertThat(run(FILE, "--json")).isZero();
    JsonNode whole = JsonMapper.shared().readTree(out.toString());
    assertThat(whole.get("held").asBoolean()).isTrue();
    assertThat(whole.get("expectations")).hasSize(3);
    assertThat(whole.get("findings")).hasSize(1);
    assertThat(whole.get("moreFindings").asLong()).isZero();
    JsonNode finding = whole.get("findings").get(0);
    assertThat(finding.get("driver").asString()).isEqualTo("cards");
    assertThat(finding.get("mistake").asString()).isEqualTo("behind");
    assertThat(finding.get("bytes").asInt()).isEqualTo(1024);
    assertThat(whole.get("expectations").get(2).get("measured")).hasSize(6);
  }

  @Test
  void goesOnAsLongAsItIsTold() throws Exception {
    String nothing = FILE.substring(0, FILE.indexOf("expect:"));
    long start = System.nanoTime();
    assertThat(run(nothing, "--for", "2s")).isZero();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(2));
    assertThat(out.toString()).endsWith("0 of 0 expectations held.\n");
  }

  @Test
  void whatDoesNotHoldIsSaidAndEndsWithOne() throws Exception {
    assertThat(run(FILE.replace("driver: nvme, bytes: 1M", "driver: nvme, bytes: 128M")))
        .isEqualTo(1);
    assertThat(out.toString()).contains("WRONG nvme").endsWith("2 of 3 expectations held.\n");
  }

  @Test
  void mistakesHaveALine() throws Exception {
    assertThat(run(FILE.replace("driver: nvme, bytes", "driver: nvmee, bytes"))).isEqualTo(2);
    assertThat(err.toString())
        .contains("native.yaml:13: ")
        .contains("there is no driver \"nvmee\"; known here are nvme, cards");
  }
}
