package dev.portcullis.qemu.run;

import dev.portcullis.qemu.install.Kernel;
import dev.portcullis.qemu.install.QemuInstallation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What the host's hardware virtualization is good for.
public enum KvmState {
  /// There is no `/dev/kvm`.
  ABSENT,
  /// There is one, and this user may not write to it.
  NOT_PERMITTED,
  /// A machine does not start with it, or starts and hangs.
  BROKEN,
  /// A kernel came up.
  USABLE;

  private static final Path DEVICE = Path.of("/dev/kvm");

  /// A kernel says this when it has come up and finds no disk to go on with.
  private static final String END_OF_BOOT = "Kernel panic - not syncing: VFS";

  /// Finds out.
  ///
  /// A device node proves nothing, and neither does a first sign of life: KVM may carry the
  /// firmware through its self-test and hang in the first instructions of a kernel. So a kernel is
  /// booted until it misses its disk, and that must happen in time.
  ///
  /// @param limit how long it may take; a working KVM needs a second or two
  public static KvmState probe(QemuInstallation qemu, Kernel kernel, Duration limit)
      throws InterruptedException {
    if (!Files.exists(DEVICE)) {
      return ABSENT;
    }
    if (!Files.isWritable(DEVICE)) {
      return NOT_PERMITTED;
    }
    return boots(qemu, kernel, limit) ? USABLE : BROKEN;
  }

  private static boolean boots(QemuInstallation qemu, Kernel kernel, Duration limit)
      throws InterruptedException {
    var words = new ArrayList<>(Accelerator.KVM.arguments());
    words.addAll(List.of("-machine", "q35", "-m", "256M", "-nodefaults", "-no-user-config"));
    words.addAll(List.of("-nic", "none", "-display", "none", "-no-reboot"));
    words.addAll(List.of("-kernel", kernel.image().toString()));
    words.addAll(List.of("-append", "console=ttyS0 panic=-1"));
    words.addAll(List.of("-chardev", "stdio,id=log", "-serial", "chardev:log"));
    var builder = new ProcessBuilder(qemu.command(words)).redirectErrorStream(true);
    builder.environment().putAll(qemu.environment());
    try {
      Process process = Offspring.start(builder);
      try {
        process
            .onExit()
            .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete((exited, late) -> process.destroyForcibly());
        return saysEndOfBoot(process);
      } finally {
        process.destroyForcibly().waitFor();
      }
    } catch (IOException doesNotStart) {
      return false;
    }
  }

  private static boolean saysEndOfBoot(Process process) {
    try (BufferedReader log = process.inputReader(StandardCharsets.ISO_8859_1)) {
      return log.lines().anyMatch(line -> line.contains(END_OF_BOOT));
    } catch (IOException | UncheckedIOException killed) {
      return false;
    }
  }
}
