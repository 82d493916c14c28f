package dev.portcullis.system;

import dev.portcullis.machine.description.DeviceDescription.Nvme;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.guest.LinuxPlan;
import dev.portcullis.qemu.guest.Initramfs;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.qemu.install.Tools;
import dev.portcullis.qemu.run.Accelerator;
import java.nio.file.Path;
import java.time.Duration;

/// What all tests here start from: the cache of the user who runs them, machines, limits.
///
/// Limits are for a machine that is busy with something else; nothing here takes as long.
final class Lab {
  static final Duration BOOT = Duration.ofSeconds(120);
  static final Duration COMMAND = Duration.ofSeconds(60);

  static final Cache CACHE = Cache.in(Cache.defaultHome(System.getenv()));

  /// The checkout.
  static final Path ROOT = Path.of(System.getProperty("portcullis.root")).toAbsolutePath();

  private Lab() {}

  static Tools tools() throws Exception {
    return CACHE.tools(Progress.none());
  }

  /// A plan with the ext4 programs in the guest. Emulated, so that it is the same everywhere.
  static LinuxPlan plan(KernelVersion kernel) throws Exception {
    return LinuxPlan.from(CACHE, kernel.label(), Progress.none())
        .accelerator(Accelerator.TCG)
        .files(Initramfs::ext4);
  }

  /// The machine that is used when none is named, with its disk in `disk`.
  static MachineDescription standardMachine(Path disk) {
    return withDisk(MachineFile.standard(), disk);
  }

  /// A machine of the folder `examples`, with its disk in `disk`.
  static MachineDescription example(String name, Path disk) throws Exception {
    return withDisk(MachineFile.read(ROOT.resolve("examples").resolve(name)), disk);
  }

  private static MachineDescription withDisk(MachineDescription machine, Path disk) {
    return machine.withDevices(device -> device instanceof Nvme nvme ? nvme.in(disk) : device);
  }
}
