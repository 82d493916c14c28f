package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class IoModelsCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path folder;

  private int run(String... words) {
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)).execute(words);
  }

  @Test
  void theModelsAreInOrderAndTheChartIsDrawn() throws Exception {
    Path charts = folder.resolve("a/b");
    assertThat(run("io-models", "--bytes", "2M", "--out", charts.toString(), "--json"))
        .as(err.toString())
        .isZero();

    JsonNode measurements = JsonMapper.shared().readTree(out.toString()).get("measurements");
    Map<String, JsonNode> by = new HashMap<>();
    Set<String> checksums = new HashSet<>();
    for (JsonNode one : measurements) {
      by.put(one.get("device").asString() + " " + one.get("model").asString(), one);
      checksums.add(one.get("device").asString() + one.get("sent").asString());
      checksums.add(one.get("device").asString() + one.get("received").asString());
    }
    assertThat(by).hasSize(6);
    assertThat(checksums).as("one checksum a device").hasSize(2);
    for (String device : new String[] {"disk", "network"}) {
      JsonNode emulated = by.get(device + " emulated");
      JsonNode paravirtual = by.get(device + " paravirtual");
      JsonNode direct = by.get(device + " direct");
      assertThat(emulated.get("traps").asLong())
          .isGreaterThan(100 * paravirtual.get("traps").asLong());
      // A card that never falls asleep wants no doorbell.
      assertThat(paravirtual.get("traps").asLong())
          .isGreaterThanOrEqualTo(device.equals("disk") ? 1 : 0);
      assertThat(direct.get("traps").asLong()).isZero();
      assertThat(emulated.get("copiesPerByte").asDouble()).isBetween(1.0, 1.1);
      assertThat(paravirtual.get("copiesPerByte").asDouble()).isBetween(1.0, 1.1);
      assertThat(direct.get("copiedBytes").asLong()).isZero();
      assertThat(direct.get("dmaRequests").asLong()).isPositive();
    }
    String svg = Files.readString(charts.resolve("io-models.svg"));
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(charts.resolve("io-models.svg").toFile());
    assertThat(svg).contains("Throughput, MiB/s", "Traps per operation", "paravirtual");
    BufferedImage png = ImageIO.read(charts.resolve("io-models.png").toFile());
    assertThat(png.getWidth()).isEqualTo(1920);
    assertThat(coloursOf(png)).contains(0xb4543a, 0xdba53a, 0x2f6f9f);
  }

  private static Set<Integer> coloursOf(BufferedImage image) {
    Set<Integer> colours = new HashSet<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        colours.add(image.getRGB(x, y) & 0xffffff);
      }
    }
    return colours;
  }

  @ParameterizedTest
  @CsvSource({"1K, is not in 64K to 4G", "8G, is not in 64K to 4G", "many, many"})
  void aSizeThatIsNoneIsRefusedInALine(String size, String why) {
    assertThat(run("io-models", "--bytes", size)).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("--bytes", why);
  }

  @Test
  void aFolderThatCannotBeMadeIsRefusedBeforeTheWork() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(run("io-models", "--out", file.resolve("charts").toString())).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("--out: cannot make the folder");
  }
}
