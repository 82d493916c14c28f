package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.Kernel;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.qemu.install.ProvisioningException;
import dev.portcullis.qemu.install.QemuInstallation;
import dev.portcullis.qemu.install.Tools;
import dev.portcullis.qemu.run.Accelerator;
import java.util.Optional;

/// What a partition that is a QEMU with a Linux in it is made with.
///
/// @param tools for the guest's first file system
/// @param accelerator the fastest that works here
public record LinuxSupply(
    QemuInstallation qemu, Kernel kernel, Tools tools, Accelerator accelerator) {
  private static final KernelVersion VERSION = KernelVersion.LINUX_6_12;

  /// What can be had without installing anything.
  ///
  /// @param supply if it is all there
  /// @param why what there is, or what is missing; for people
  public record Finding(Optional<LinuxSupply> supply, String why) {}

  /// Looks for it. A QEMU that is there and cannot be used is as good as none.
  public static Finding find(Cache cache) throws InterruptedException {
    try {
      Optional<QemuInstallation> qemu = cache.installedQemu();
      Optional<Kernel> kernel = cache.installedKernel(VERSION);
      Optional<Tools> tools = cache.installedTools();
      if (qemu.isEmpty()) {
        return nothing("there is no QEMU in " + cache.home());
      }
      if (!qemu.get().hasVfioUser()) {
        return nothing("QEMU " + qemu.get().version() + " has no vfio-user");
      }
      if (kernel.isEmpty() || tools.isEmpty()) {
        return nothing("there is no kernel for its guests in " + cache.home());
      }
      LinuxSupply supply = of(qemu.get(), kernel.get(), tools.get(), cache);
      return new Finding(Optional.of(supply), "there is " + supply);
    } catch (ProvisioningException e) {
      return nothing("what is in " + cache.home() + " cannot be used: " + e.getMessage());
    }
  }

  private static Finding nothing(String why) {
    return new Finding(Optional.empty(), why);
  }

  /// Installs what is missing.
  public static LinuxSupply install(Cache cache, Progress progress)
      throws ProvisioningException, InterruptedException {
    return of(cache.qemu(progress), cache.kernel(VERSION, progress), cache.tools(progress), cache);
  }

  private static LinuxSupply of(QemuInstallation qemu, Kernel kernel, Tools tools, Cache cache)
      throws InterruptedException {
    return new LinuxSupply(qemu, kernel, tools, Accelerator.best(qemu, kernel, cache));
  }

  @Override
  public String toString() {
    return "QEMU %s (%s) with Linux %s".formatted(qemu.version(), accelerator, kernel.release());
  }
}
