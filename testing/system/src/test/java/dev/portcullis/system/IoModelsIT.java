package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./portcullis io-models`.
class IoModelsIT {
  @TempDir private Path folder;

  @Test
  void saysWhatEachModelCostsAndDrawsIt() throws Exception {
    var run = Program.run("io-models", "--bytes", "1M", "--out", folder.toString());

    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.err().lines())
        .containsExactly(
            "portcullis: disk, emulated",
            "portcullis: disk, paravirtual",
            "portcullis: disk, direct",
            "portcullis: network, emulated",
            "portcullis: network, paravirtual",
            "portcullis: network, direct");
    assertThat(run.out())
        .contains("1 MiB to each device and back; what came back is what was sent.")
        .containsPattern("disk +direct +[\\d.,]+ +0 +0 ")
        .containsPattern("network +direct +[\\d.,]+ +0 +0 ");
    assertThat(Files.readString(folder.resolve("io-models.svg"))).startsWith("<svg ");
    assertThat(Files.readAllBytes(folder.resolve("io-models.png"))).startsWith(0x89, 'P', 'N', 'G');
  }
}
