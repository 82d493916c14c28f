package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.install.Progress;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./portcullis run` where QEMU is missing, dies or hangs: it is said in one line, within its time
/// limit, and the rest goes on.
class QemuTroubleIT {
  private static final String PLATFORM =
      """
      memory: 1G
      units: [{at: 00:01.0, profile: scalable}]
      devices: [{name: nic, type: virtio-net, at: 00:03.0}]
      partitions:
        - {name: one, engine: qemu, memory: 192M, runs: client}
        - {name: other, engine: qemu, memory: 192M, runs: client}
        - {name: java, memory: 16M, runs: client, address: 10.9.0.2/24, devices: [nic]}
      expect:
        - {does: disk, from: one, bytes: 1M}
        - {does: disk, from: other, bytes: 1M}
        - {does: ping, from: java, to: 10.9.0.1}
      """;

  /// Of what is taken over from the real cache.
  private static final List<String> KEPT = List.of("tools", "linux-6.12");

  @TempDir private Path folder;

  @AfterEach
  void removeLinks() throws Exception {
    for (String kept : KEPT) {
      Files.deleteIfExists(folder.resolve("cache/portcullis").resolve(kept));
    }
  }

  private String[] run(String platform) throws Exception {
    Path file = Files.writeString(folder.resolve("p.yaml"), platform);
    return new String[] {
      "run", "--control", folder.resolve("control.sock").toString(), file.toString()
    };
  }

  /// A cache whose QEMU is a shell script; the kernel and its tools are those that are there.
  private Path cacheWithQemu(String script) throws Exception {
    Lab.CACHE.kernel(KernelVersion.LINUX_6_12, Progress.none());
    Path cache = Files.createDirectories(folder.resolve("cache/portcullis"));
    for (String kept : KEPT) {
      Files.createSymbolicLink(cache.resolve(kept), Lab.CACHE.home().resolve(kept));
    }
    Path qemu = cache.resolve("qemu");
    Path loader = qemu.resolve("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
    Files.createDirectories(loader.getParent());
    Files.writeString(loader, "#!/bin/sh\n" + script);
    assertThat(loader.toFile().setExecutable(true)).isTrue();
    Files.writeString(qemu.resolve("MANIFEST"), "qemu edition 1\n");
    return folder.resolve("cache");
  }

  private static void assertNoStackTrace(String text) {
    assertThat(text).doesNotContain("\tat ").doesNotContain("Exception");
  }

  @Test
  void qemuThatCannotBeInstalledEndsTheRunWithALine() throws Exception {
    Program.Ended ended = Program.runWithCacheIn(Path.of("/dev/null/no"), run(PLATFORM));

    assertThat(ended.err())
        .startsWith("portcullis: partition one: engine qemu: cannot install ")
        .hasLineCount(1);
    assertThat(ended.exitCode()).isEqualTo(2);
  }

  @Test
  void qemuThatDoesNotRunEndsTheRunWithALine_orIsNotTaken() throws Exception {
    Path cache = cacheWithQemu("echo broken >&2; exit 1\n");

    Program.Ended ended = Program.runWithCacheIn(cache, run(PLATFORM));

    assertThat(ended.err())
        .startsWith("portcullis: partition one: engine qemu: ")
        .contains("is not a QEMU: it answers \"broken\"")
        .hasLineCount(1);
    assertThat(ended.exitCode()).isEqualTo(2);

    String choosing =
        PLATFORM.replace("engine: qemu", "engine: auto").replaceAll("(?m)^.*does: disk.*\n", "");
    Program.Ended without = Program.runWithCacheIn(cache, run(choosing));
    assertThat(without.exitCode()).as(without.toString()).isZero();
    assertThat(without.out())
        .contains("partition one: engine embedded: what is in ", "cannot be used")
        .contains("1 of 1 expectations held.");
    assertThat(without.err()).isEmpty();
  }

  @Test
  void qemuThatDiesAtItsStartFailsItsPartitionOnly() throws Exception {
    Path cache =
        cacheWithQemu(
            """
            case "$*" in
              *--version) echo 'QEMU emulator version 11.1.3' ;;
              *"-device help") echo 'name "vfio-user-pci", bus PCI' ;;
              *) echo 'no such machine' >&2; exit 3 ;;
            esac
            """);

    Program.Ended ended = Program.runWithCacheIn(cache, run(PLATFORM));

    assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(1);
    assertThat(ended.out())
        .contains("event partition one is failed: ", "no such machine")
        .contains("ok    java reaches 10.9.0.1 by ping")
        .contains("1 of 3 expectations held.");
    assertThat(ended.err()).isEmpty();
    assertNoStackTrace(ended.out());
  }

  @Test
  void qemuThatIsKilledOrStandsStillFailsItsPartitionOnly() throws Exception {
    Process running = Program.start(run(PLATFORM));
    try {
      BufferedReader lines = running.inputReader();
      List<String> said = new ArrayList<>(Program.linesUpTo("…", lines));
      List<ProcessHandle> machines =
          running
              .descendants()
              .filter(one -> one.info().commandLine().orElse("").contains("-machine q35"))
              .toList();
      assertThat(machines).hasSize(2);
      assertThat(machines.getFirst().destroyForcibly()).isTrue();
      String other = Long.toString(machines.getLast().pid());
      assertThat(new ProcessBuilder("kill", "-STOP", other).start().waitFor()).isZero();

      said.addAll(Program.linesUpTo("expectations held", lines));

      assertThat(running.waitFor()).isEqualTo(1);
      assertThat(machines).noneMatch(ProcessHandle::isAlive);
      assertThat(said)
          .anyMatch(line -> line.endsWith(" is failed: QEMU was killed by signal 9"))
          .anyMatch(line ->
              line.contains(" is failed: QEMU did not send a reply to query-status within 30 s"))
          .anyMatch(line -> line.startsWith("ok    java reaches 10.9.0.1 by ping"))
          .contains("1 of 3 expectations held.");
      assertNoStackTrace(String.join("\n", said));
    } finally {
      Program.end(running);
    }
  }
}
