package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.qemu.host.HostCommand;
import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The platform of `examples/verified-boot.sh`, as a person uses it.
class VerifiedBootRunIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir private Path folder;

  private String socket() {
    return folder.resolve("control.sock").toString();
  }

  private String platform() {
    return folder.resolve("platform.yaml").toString();
  }

  @BeforeEach
  void make() throws Exception {
    String script = Lab.ROOT.resolve("examples/verified-boot.sh").toString();
    var made = new HostCommand(List.of("sh", script, folder.toString())).run(LIMIT);
    assertThat(made.exitCode()).as(made.output()).isZero();
  }

  private void spoilDisk() throws IOException {
    try (FileChannel disk =
        FileChannel.open(folder.resolve("disk.img"), StandardOpenOption.WRITE)) {
      disk.write(ByteBuffer.wrap("malware".getBytes(StandardCharsets.UTF_8)), 12_345_678);
    }
  }

  @Test
  void spoiledDiskIsNotBootedAndRebuilt() throws Exception {
    spoilDisk();
    Process running = Program.start("run", "--for", "100s", "--control", socket(), platform());
    try (BufferedReader said = running.inputReader(StandardCharsets.UTF_8)) {
      String line = said.readLine();
      while (!line.contains("user reaches")) {
        line = said.readLine();
      }
      assertThat(state("user")).startsWith("failed: not booted: disk disk is ");
      assertThat(state("services")).isEqualTo("running");

      var rebuilt = Program.run("rebuild", "user", "--data", "replace", "--control", socket());
      assertThat(rebuilt.exitCode()).as(rebuilt.toString()).isZero();
      assertThat(rebuilt.out()).isEqualTo("partition user was rebuilt and runs\n");
      assertThat(rebuilt.err()).contains("disk disk is written", "data of disk data is replaced");
      assertThat(state("user")).isEqualTo("running");

      var refused = Program.run("rebuild", "services", "--control", socket());
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.err()).isEqualTo("portcullis: it has no manifest\n");
    } finally {
      Program.end(running);
    }
    assertThat(Files.mismatch(folder.resolve("disk.img"), folder.resolve("safe.img")))
        .isEqualTo(-1);
  }

  private String state(String partition) throws IOException {
    try (ControlClient client = ControlClient.connect(Path.of(socket()))) {
      return client.status().partitions().stream()
          .filter(one -> one.name().equals(partition))
          .findFirst()
          .orElseThrow()
          .state();
    }
  }

  @Test
  void manifestThatNobodySignedBootsNothing() throws Exception {
    Path manifest = folder.resolve("user.manifest");
    Files.writeString(
        manifest, Files.readString(manifest).replace("\"version\": 1", "\"version\": 2"));

    var run = Program.run("run", "--control", socket(), platform());

    assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
    assertThat(run.out())
        .contains("partition user is failed: not booted: ")
        .contains("user.manifest.sig is no signature of ");
  }
}
