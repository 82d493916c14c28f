package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.qemu.guest.Initramfs;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.qemu.install.QemuInstallation;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `serve` prints is pasted into a shell, as a person with a QEMU of their own does.
class ServeIT {
  private static final String LAST_LINE = "-nographic";
  private static final String UNIT_USED = "DMAR: dmar0: Using Queued invalidation";

  @TempDir private Path folder;

  @Test
  void theArgumentsThatServePrintsStartAQemuWhoseLinuxFindsUnitAndDisk() throws Exception {
    Path sockets = folder.resolve("sockets");
    Path machine = Lab.ROOT.resolve("examples/legacy.yaml");
    Process serving = Program.start("serve", machine.toString(), "--sockets", sockets.toString());
    try (BufferedReader lines = serving.inputReader()) {
      String printed =
          Program.linesUpTo(LAST_LINE, lines).stream()
              .filter(line -> !line.startsWith("portcullis: "))
              .collect(Collectors.joining("\n"));

      String console = run(printed);
      if (!console.contains(UNIT_USED)) {
        // The firmware chose another place than was guessed: serve says so, and to start again.
        Program.linesUpTo("start QEMU once more", lines);
        console = run(printed);
      }

      assertThat(console).contains(UNIT_USED).contains("the disk has 256 MiB");
      assertThat(serving.isAlive()).isTrue();
    } finally {
      Program.end(serving);
    }
    assertThat(sockets.resolve("00-05.0.sock")).doesNotExist();
  }

  /// Starts QEMU, works on its console, and waits until it has switched off.
  private String run(String printed) throws Exception {
    QemuInstallation qemu = Lab.CACHE.qemu(Progress.none());
    Path kernel = Lab.CACHE.kernel(KernelVersion.LINUX_6_1, Progress.none()).image();
    Path initramfs = folder.resolve("initramfs");
    Initramfs.of(Lab.tools()).writeTo(initramfs);
    String script =
        printed
                .replace("qemu-system-x86_64", "exec " + String.join(" ", qemu.command()))
                .replace("VMLINUZ", kernel.toString())
            + " -no-reboot -initrd "
            + initramfs;
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", script);
    builder.environment().putAll(qemu.environment());
    Process process = Program.start(builder);
    try (BufferedReader console = process.inputReader()) {
      List<String> lines = Program.linesUpTo("Enter 'help'", console);
      process
          .getOutputStream()
          .write(
              """
              echo the disk has $(($(blockdev --getsize64 /dev/nvme0n1) >> 20)) MiB
              poweroff
              """
                  .getBytes());
      process.getOutputStream().flush();
      console.lines().forEach(lines::add);
      assertThat(process.waitFor(Lab.COMMAND.toSeconds(), TimeUnit.SECONDS)).isTrue();
      return String.join("\n", lines);
    } finally {
      Program.end(process);
    }
  }
}
