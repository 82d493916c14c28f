package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.qemu.host.HostCommand;
import dev.portcullis.vmm.platform.PlatformStatus;
import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.BufferedReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A partition is brought to the platform of `examples/verified-boot.sh`, as a person does it.
class ProvisionIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir private Path folder;

  private String socket() {
    return folder.resolve("control.sock").toString();
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  @BeforeEach
  void make() throws Exception {
    String script = Lab.ROOT.resolve("examples/verified-boot.sh").toString();
    var made = new HostCommand(List.of("sh", script, folder.toString())).run(LIMIT);
    assertThat(made.exitCode()).as(made.output()).isZero();
  }

  private interface Work {
    void run() throws Exception;
  }

  private void whileThePlatformRuns(Work work) throws Exception {
    Process running =
        Program.start("run", "--for", "100s", "--control", socket(), file("platform.yaml"));
    try (BufferedReader said = running.inputReader(StandardCharsets.UTF_8)) {
      String line = said.readLine();
      while (!line.contains("user reaches")) {
        line = said.readLine();
      }
      work.run();
    } finally {
      Program.end(running);
    }
  }

  private List<String> partitions() throws Exception {
    try (ControlClient client = ControlClient.connect(Path.of(socket()))) {
      PlatformStatus status = client.status();
      return status.partitions().stream().map(one -> one.name() + " " + one.state()).toList();
    }
  }

  private void spoilSpareDisk() throws Exception {
    try (FileChannel disk =
        FileChannel.open(folder.resolve("spare.img"), StandardOpenOption.WRITE)) {
      disk.write(ByteBuffer.wrap("malware".getBytes(StandardCharsets.UTF_8)), 1_234_567);
    }
  }

  @Test
  void aPartitionComesFromItsImage_stays_isVerified_andGoes() throws Exception {
    whileThePlatformRuns(() -> {
      var provisioned = Program.run("provision", file("kiosk.yaml"), "--control", socket());
      assertThat(provisioned.exitCode()).as(provisioned.toString()).isZero();
      assertThat(provisioned.out()).isEqualTo("partition kiosk is there, and runs\n");
      assertThat(provisioned.err()).contains("disk spare is written");
      assertThat(partitions()).contains("user running", "services running", "kiosk running");
      assertThat(Files.mismatch(folder.resolve("spare.img"), folder.resolve("safe.img")))
          .isEqualTo(-1);

      var twice = Program.run("provision", file("kiosk.yaml"), "--control", socket());
      assertThat(twice.exitCode()).isEqualTo(1);
      assertThat(twice.err()).contains("there is a partition \"kiosk\" already");
    });

    whileThePlatformRuns(() -> assertThat(partitions()).contains("kiosk running"));

    spoilSpareDisk();
    whileThePlatformRuns(() -> {
      assertThat(partitions())
          .anyMatch(one -> one.startsWith("kiosk failed: not booted: disk spare"));

      var kept = Program.run("provision", "--remove", "user", "--control", socket());
      assertThat(kept.exitCode()).isEqualTo(1);
      assertThat(kept.err())
          .isEqualTo(
              "portcullis: partition user was not provisioned: what the platform file has stays\n");
      var removed = Program.run("provision", "--remove", "kiosk", "--control", socket());
      assertThat(removed.exitCode()).as(removed.toString()).isZero();
      assertThat(removed.out()).isEqualTo("partition kiosk is gone\n");
      assertThat(partitions()).containsExactly("user running", "services running");
    });

    whileThePlatformRuns(
        () -> assertThat(partitions()).containsExactly("user running", "services running"));
    assertThat(Files.readString(folder.resolve("events.json")))
        .contains("provision.state", "it is provisioned from", "it was taken away");
  }

  @Test
  void onePartitionThatIsNotWhatItsManifestSaysIsNotBrought_norHalf() throws Exception {
    Files.writeString(folder.resolve("user.img"), "something else");
    Files.writeString(
        folder.resolve("platform.yaml"),
        Files.readString(folder.resolve("platform.yaml"))
            .replace("    image: {file: user.img, at: 64K}\n", ""));
    Files.writeString(
        folder.resolve("management.yaml"), "state: state\nboot: {key: it.pub, others: start}\n");
    whileThePlatformRuns(() -> {
      var refused = Program.run("provision", file("kiosk.yaml"), "--control", socket());
      assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(1);
      assertThat(refused.err())
          .contains("portcullis: partition kiosk is not there: ", "not booted");
      assertThat(partitions()).containsExactly("user running", "services running");
    });
    whileThePlatformRuns(
        () -> assertThat(partitions()).containsExactly("user running", "services running"));
  }

  private static void succeeds(String... words) throws Exception {
    var ended = Program.run(words);
    assertThat(ended.exitCode()).as(ended.toString()).isZero();
  }

  private void writeLinux(String append) throws Exception {
    Files.writeString(
        folder.resolve("linux.yaml"),
        """
        partition:
          name: linux
          engine: qemu
          memory: 192M
          runs: client
          address: 10.9.0.7/24
          devices: [spare]
          append: %s
          link: services
        boot:
          manifest: linux.manifest
          images:
            - {disk: spare, file: safe.img}
        """
            .formatted(append));
  }

  private void signLinux() throws Exception {
    succeeds(
        "boot",
        "measure",
        file("platform.yaml"),
        "linux",
        "--provision",
        file("linux.yaml"),
        "--out",
        file("linux.manifest"));
    succeeds("boot", "sign", file("linux.manifest"), "--key", file("it.key"));
  }

  @Test
  @Tag("slow")
  void aLinuxComesFromItsImage_isVerified_hasItsDiskItsNetworkAndItsConsole() throws Exception {
    Path platform = folder.resolve("platform.yaml");
    Files.writeString(platform, Files.readString(platform).replace("memory: 256M", "memory: 512M"));
    writeLinux("quiet");
    signLinux();
    whileThePlatformRuns(() -> {
      writeLinux("loud");
      var another = Program.run("provision", file("linux.yaml"), "--control", socket());
      assertThat(another.exitCode()).as(another.toString()).isEqualTo(1);
      assertThat(another.err())
          .contains(
              "partition linux is not there: ", "not booted: command-line is …loud, not …quiet");
      assertThat(partitions()).containsExactly("user running", "services running");

      writeLinux("quiet");
      succeeds("provision", file("linux.yaml"), "--control", socket());
      assertThat(partitions()).contains("user running", "services running", "linux running");
      assertThat(Files.mismatch(folder.resolve("spare.img"), folder.resolve("safe.img")))
          .isEqualTo(-1);
      try (PersonAtTerminal it =
          PersonAtTerminal.start(folder, "attach", "--control", socket(), "linux")) {
        it.await("root@portcullis:~# ");
        it.type("grep -ow quiet /proc/cmdline; dd if=/dev/nvme0n1 bs=30 count=1 2>&1\r");
        it.await("\nA system as it was delivered.");
        it.type("ping -c 3 10.9.0.1\r");
        it.await("64 bytes from 10.9.0.1");
        it.type("\u001dq");
        it.awaitEnd();
      }
      succeeds("provision", "--remove", "linux", "--control", socket());
      assertThat(partitions()).containsExactly("user running", "services running");
    });
  }

  @Test
  void badFilesAreRefusedInOneLine() throws Exception {
    var missing = Program.run("provision", file("nothing.yaml"), "--control", socket());
    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.err()).startsWith("portcullis: there is no file ");
    assertThat(Program.run("provision", "--control", socket()).exitCode()).isEqualTo(2);
  }
}
