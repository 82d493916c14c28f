package dev.portcullis.qemu.guest;

import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.Kernel;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.qemu.install.QemuInstallation;
import dev.portcullis.qemu.install.Tools;
import dev.portcullis.qemu.run.QemuCommandLine;
import java.nio.file.Path;
import java.time.Duration;

/// The real things that the tests here work with, from the cache of the user who runs them.
final class Fixtures {

  static final Duration BOOT = Duration.ofSeconds(90);
  static final Duration SHORT = Duration.ofSeconds(20);
  static final Cache CACHE = Cache.in(Cache.defaultHome(System.getenv()));

  private Fixtures() {}

  static QemuInstallation qemu() throws Exception {
    return CACHE.qemu(Progress.none());
  }

  static Tools tools() throws Exception {
    return CACHE.tools(Progress.none());
  }

  static Kernel kernel(KernelVersion version) throws Exception {
    return CACHE.kernel(version, Progress.none());
  }

  /// A machine with a kernel and an initial file system, written into `folder`.
  static QemuCommandLine machine(Kernel kernel, Initramfs initramfs, Path folder) throws Exception {
    Path file = folder.resolve("initramfs");
    initramfs.writeTo(file);
    return new QemuCommandLine().kernel(kernel.image(), file);
  }
}
