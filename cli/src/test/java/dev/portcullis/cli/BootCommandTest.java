package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootCommandTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: disk, type: nvme, at: 00:04.0, size: 1M, file: disk.img}
        - {name: data, type: nvme, at: 00:05.0, size: 1M, file: data.img}
      partitions:
        - name: user
          memory: 16M
          runs: client
          devices: [disk, data]
          image: {file: user.img, at: 64K}
        - {name: auto, memory: 16M, engine: auto, runs: client}
      """;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void write() throws Exception {
    Files.writeString(folder.resolve("platform.yaml"), PLATFORM);
    byte[] bytes = new byte[1 << 20];
    new Random(1).nextBytes(bytes);
    Files.write(folder.resolve("safe.img"), bytes);
    Files.write(folder.resolve("user.img"), new byte[100]);
  }

  /// `@` at the beginning of a word stands for the folder.
  private int boot(String words) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    String line = "boot " + words.replace("@", folder + "/");
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
        .execute(line.split(" "));
  }

  private void makeAll() {
    assertThat(boot("keygen @it")).as(err.toString()).isZero();
    assertThat(boot("measure @platform.yaml user --image disk=@safe.img --salt 0102 --out @m.json"))
        .as(err.toString())
        .isZero();
    assertThat(boot("sign @m.json --key @it.key")).as(err.toString()).isZero();
  }

  @Test
  void manifestIsMadeSignedAndVerified() throws Exception {
    makeAll();

    assertThat(folder.resolve("m.json"))
        .content()
        .contains("\"partition\": \"user\"", "\"version\": 1", "\"image\": \"cd00e292c5970d3c")
        .contains("{\"device\": \"disk\", \"blocks\": 256, \"salt\": \"0102\", \"root\": \"")
        .contains("{\"device\": \"data\"}")
        .doesNotContain("kernel", "command-line");
    assertThat(boot("verify @m.json --key @it.pub --platform @platform.yaml"))
        .as(out.toString())
        .isZero();
    assertThat(out.toString())
        .isEqualTo(
            "%1$s/m.json: partition user, version 1, signed by the key %1$s/it.pub%n"
                .formatted(folder));
  }

  @Test
  void whatDiffersIsSaidWithCode1() throws Exception {
    makeAll();
    Files.write(folder.resolve("user.img"), new byte[101]);
    assertThat(boot("verify @m.json --key @it.pub --platform @platform.yaml")).isEqualTo(1);
    assertThat(out.toString()).startsWith("files: {IMAGE=").hasLineCount(1);

    Files.writeString(folder.resolve("m.json"), " ", java.nio.file.StandardOpenOption.APPEND);
    assertThat(boot("verify @m.json --key @it.pub")).isEqualTo(1);
    assertThat(out.toString()).contains("m.json.sig is no signature of ").hasLineCount(1);
  }

  @Test
  void mistakesAreALineWithCode2() throws Exception {
    makeAll();
    assertMistake("keygen @it", "it.key is there already: it is not overwritten");
    assertMistake("measure @platform.yaml me", "there is no partition \"me\"");
    assertMistake(
        "measure @platform.yaml user --image nic=@safe.img",
        "--image: partition user has no disk \"nic\"; it has: disk, data");
    assertMistake("measure @platform.yaml auto", "partition auto: what it boots depends on");
    assertMistake(
        "measure @platform.yaml user --image disk=@user.img",
        "user.img: 100 bytes: 1 to 4,194,304 blocks of 4 KiB are needed");
    assertMistake("measure @platform.yaml user --image disk=@x", "x: there is no such file");
    assertMistake("measure @platform.yaml user --salt xy", "\"xy\" is not hexadecimal");
    assertMistake("measure @platform.yaml user --version-number 0", "--version-number: 1 or more");
    assertMistake("sign @m.json --key @it.pub", "it.pub: no secret Ed25519 key");
    assertMistake("sign @platform.yaml --key @it.key", "platform.yaml:1: \"boot-manifest\" is");
    assertMistake("verify @m.json --key @it.key", "--key: ");
    assertMistake("verify @none --key @it.pub", "none: there is no such file");
    assertMistake("verify @m.json", "Missing required option");
    assertMistake("", "Which command?");
  }

  private void assertMistake(String words, String message) {
    assertThat(boot(words)).as(words).isEqualTo(2);
    assertThat(err.toString()).startsWith("portcullis: ").contains(message).hasLineCount(1);
  }

  @Test
  void treeIsWrittenForVeritysetup() {
    assertThat(boot("tree @safe.img --out @hashes --salt -")).isZero();

    assertThat(out.toString())
        .startsWith("blocks 256\nsalt   -\nroot   ")
        .contains("veritysetup verify %1$s/safe.img %1$s/hashes ".formatted(folder));
    assertThat(folder.resolve("hashes")).hasSize(4 * 4096);
  }

  @Test
  void rebuildNeedsAPlatformAndAWordThatItKnows() {
    assertThat(run("rebuild user --control " + folder.resolve("nobody"))).isEqualTo(2);
    assertThat(err.toString()).contains("no platform answers at ").hasLineCount(1);
    assertThat(run("rebuild user --data burn")).isEqualTo(2);
    assertThat(err.toString()).contains("--data").hasLineCount(1);
  }

  private int run(String words) {
    err.getBuffer().setLength(0);
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
        .execute(words.split(" "));
  }
}
