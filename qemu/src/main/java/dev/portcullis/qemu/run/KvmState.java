package dev.portcullis.qemu.run;

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
  /// A machine ran.
  USABLE;

  private static final Path DEVICE = Path.of("/dev/kvm");

  /// The firmware says this at the end of its self-test, when it finds nothing to boot.
  private static final String END_OF_SELF_TEST = "No bootable device";

  /// Finds out.
  ///
  /// A device node proves nothing, and neither does a first sign of life: KVM may hang a moment
  /// later. So a machine without a disk is started, and its firmware must come to the end of its
  /// self-test in time.
  ///
  /// @param limit how long it may take; a working KVM needs well under a second
  public static KvmState probe(QemuInstallation qemu, Duration limit) throws InterruptedException {
    if (!Files.exists(DEVICE)) {
      return ABSENT;
    }
    if (!Files.isWritable(DEVICE)) {
      return NOT_PERMITTED;
    }
    return selfTestPasses(qemu, limit) ? USABLE : BROKEN;
  }

  private static boolean selfTestPasses(QemuInstallation qemu, Duration limit)
      throws InterruptedException {
    var words = new ArrayList<>(Accelerator.KVM.arguments());
    words.addAll(List.of("-machine", "q35", "-nodefaults", "-nic", "none", "-display", "none"));
    words.addAll(List.of("-chardev", "stdio,id=log"));
    words.addAll(List.of("-device", "isa-debugcon,iobase=0x402,chardev=log"));
    var builder = new ProcessBuilder(qemu.command(words)).redirectErrorStream(true);
    builder.environment().putAll(qemu.environment());
    try {
      Process process = Offspring.start(builder);
      try {
        process
            .onExit()
            .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete((exited, late) -> process.destroyForcibly());
        return saysEndOfSelfTest(process);
      } finally {
        process.destroyForcibly().waitFor();
      }
    } catch (IOException doesNotStart) {
      return false;
    }
  }

  private static boolean saysEndOfSelfTest(Process process) {
    try (BufferedReader log = process.inputReader(StandardCharsets.ISO_8859_1)) {
      return log.lines().anyMatch(line -> line.contains(END_OF_SELF_TEST));
    } catch (IOException | UncheckedIOException killed) {
      return false;
    }
  }
}
