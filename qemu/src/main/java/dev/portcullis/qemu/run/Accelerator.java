package dev.portcullis.qemu.run;

import dev.portcullis.qemu.install.QemuInstallation;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What executes the guest's instructions.
public enum Accelerator {
  /// QEMU's own translator: everywhere, slower.
  ///
  /// Pages of the guest stay at four levels: a fifth costs the translator time at every miss.
  TCG(List.of("-accel", "tcg,thread=multi", "-cpu", "max,la57=off")),
  /// The host's processor.
  KVM(List.of("-accel", "kvm", "-cpu", "host"));

  private static final Path KVM_DEVICE = Path.of("/dev/kvm");

  /// The firmware says this at the end of its self-test, when it finds nothing to boot.
  private static final String END_OF_SELF_TEST = "No bootable device";

  private final List<String> arguments;

  Accelerator(List<String> arguments) {
    this.arguments = arguments;
  }

  List<String> arguments() {
    return arguments;
  }

  /// KVM if it works here, else TCG.
  ///
  /// A device node proves nothing: KVM may be absent behind it, or start and then hang. So a
  /// machine without a disk is started, and its firmware must come to the end of its self-test in
  /// time.
  ///
  /// @param limit how long it may take; a working KVM needs well under a second
  public static Accelerator probe(QemuInstallation qemu, Duration limit)
      throws InterruptedException {
    return Files.isWritable(KVM_DEVICE) && selfTestPasses(qemu, limit) ? KVM : TCG;
  }

  private static boolean selfTestPasses(QemuInstallation qemu, Duration limit)
      throws InterruptedException {
    List<String> arguments =
        List.of(
            "-machine",
            "q35",
            "-accel",
            "kvm",
            "-cpu",
            "host",
            "-nodefaults",
            "-nic",
            "none",
            "-display",
            "none",
            "-chardev",
            "stdio,id=log",
            "-device",
            "isa-debugcon,iobase=0x402,chardev=log");
    var builder = new ProcessBuilder(qemu.command(arguments)).redirectErrorStream(true);
    builder.environment().putAll(qemu.environment());
    try {
      Process process = builder.start();
      try {
        var killer = process.onExit().orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
        killer.whenComplete((exited, late) -> process.destroyForcibly());
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
    } catch (IOException | java.io.UncheckedIOException killed) {
      return false;
    }
  }
}
