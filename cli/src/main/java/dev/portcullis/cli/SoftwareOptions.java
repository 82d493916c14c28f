package dev.portcullis.cli;

import dev.portcullis.machine.guest.LinuxPlan;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.qemu.install.ProvisioningException;
import dev.portcullis.qemu.install.QemuInstallation;
import dev.portcullis.qemu.install.QemuVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/// The options that say which QEMU and which kernel.
final class SoftwareOptions {
  @Option(
      names = "--kernel",
      paramLabel = "KERNEL",
      defaultValue = "6.1",
      description = "6.1, 6.12, latest, or a bzImage of your own (default: 6.1).")
  private String kernel;

  @Option(
      names = "--qemu",
      paramLabel = "PATH",
      description = "A QEMU of your own, 10.1 or later (default: one is provided).")
  private Path qemu;

  /// A plan for the standard machine. Provides what is missing.
  LinuxPlan plan(Cache cache, Progress progress)
      throws ProvisioningException, UserError, InterruptedException {
    checkKernel();
    QemuInstallation installation = qemu == null ? cache.qemu(progress) : ownQemu(qemu);
    return LinuxPlan.from(cache, installation, kernel, progress);
  }

  private void checkKernel() throws UserError {
    if (KernelVersion.labelled(kernel).isEmpty() && !Files.isReadable(Path.of(kernel))) {
      String labels =
          Arrays.stream(KernelVersion.values())
              .map(KernelVersion::label)
              .collect(Collectors.joining(", "));
      throw new UserError(
          "--kernel: \"" + kernel + "\" is none of " + labels + ", and no file that can be read");
    }
  }

  /// A QEMU of the user's own.
  static QemuInstallation ownQemu(Path program)
      throws ProvisioningException, UserError, InterruptedException {
    if (!Files.isExecutable(program) || Files.isDirectory(program)) {
      throw new UserError("--qemu: " + program + " is not a program");
    }
    QemuInstallation installation = QemuInstallation.of(program);
    if (!installation.hasVfioUser()) {
      throw new UserError(
          "--qemu: %s is QEMU %s without vfio-user-pci; %s or later is needed (leave --qemu out"
                  .formatted(program, installation.version(), QemuVersion.FIRST_WITH_VFIO_USER)
              + " to have one provided)");
    }
    return installation;
  }
}
