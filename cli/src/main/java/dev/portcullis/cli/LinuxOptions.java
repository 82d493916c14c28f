package dev.portcullis.cli;

import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.DeviceDescription.Nvme;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.guest.LinuxPlan;
import dev.portcullis.machine.guest.UnitMode;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.qemu.install.ProvisioningException;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that say which Linux runs on which machine.
final class LinuxOptions {
  @Mixin private SoftwareOptions software;

  @Option(
      names = "--unit",
      paramLabel = "MODE",
      defaultValue = "strict",
      converter = UnitModes.class,
      completionCandidates = UnitModes.class,
      description = "How Linux uses the units: ${COMPLETION-CANDIDATES} (default: strict).")
  private UnitMode mode;

  @Option(
      names = "--disk",
      paramLabel = "FILE",
      description =
          "File behind the first NVMe disk; made if it is not there. Else a disk for this run"
              + " only.")
  private Path disk;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = MemorySize.class,
      description = "Memory of the guest (default: what the machine says, 512M).")
  private Long memoryBytes;

  @Option(
      names = "--append",
      paramLabel = "WORDS",
      description = "Words to add to the kernel's command line.")
  private String append;

  @Option(
      names = "--machine",
      paramLabel = "FILE",
      description = "Machine file (default: one unit, an NVMe disk, an edu device).")
  private Path machineFile;

  /// The machine that was asked for.
  MachineDescription machine() throws MachineFileException, UserError {
    MachineDescription machine =
        machineFile == null ? MachineFile.standard() : MachineFile.read(machineFile);
    if (memoryBytes != null) {
      machine = machine.withMemory(memoryBytes);
    }
    return disk == null ? machine : withDisk(machine);
  }

  private MachineDescription withDisk(MachineDescription machine) throws UserError {
    DeviceDescription first =
        machine.devices().stream()
            .filter(Nvme.class::isInstance)
            .findFirst()
            .orElseThrow(
                () -> new UserError("--disk: the machine has no NVMe disk to put the file behind"));
    return machine.withDevices(
        device -> device == first && device instanceof Nvme nvme ? nvme.in(disk) : device);
  }

  /// The plan for what was asked for. Provides QEMU, kernel and tools where they are missing.
  LinuxPlan plan(Cache cache, Progress progress)
      throws MachineFileException, ProvisioningException, UserError, InterruptedException {
    MachineDescription machine = machine();
    LinuxPlan plan = software.plan(cache, progress);
    if (append != null) {
      plan.append(append);
    }
    return plan.machine(machine).mode(mode);
  }
}
