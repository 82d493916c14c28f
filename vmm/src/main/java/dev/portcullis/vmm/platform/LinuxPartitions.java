package dev.portcullis.vmm.platform;

import dev.portcullis.machine.PlatformException;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.qemu.install.ProvisioningException;
import dev.portcullis.qemu.run.QemuCommandLine;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.qemu.EngineChoice;
import dev.portcullis.vmm.engine.qemu.LinuxSupply;
import dev.portcullis.vmm.engine.qemu.QemuEngine;
import dev.portcullis.vmm.engine.qemu.QemuPlan;
import dev.portcullis.vmm.engine.qemu.QemuPlan.Resets;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.platform.boot.BootPart;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PartitionDescription.Role;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.linux.LinuxBridge;
import dev.portcullis.vmm.software.linux.LinuxClient;
import dev.portcullis.vmm.software.linux.LinuxShell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Makes partitions that are Linux in a QEMU.
final class LinuxPartitions {
  private final RunningPlatform platform;
  private final InterruptRouter router;
  private final Admission admission;
  private final Cache cache = Cache.in(Cache.defaultHome(System.getenv()));

  LinuxPartitions(RunningPlatform platform, InterruptRouter router, Admission admission) {
    this.platform = platform;
    this.router = router;
    this.admission = admission;
  }

  /// What the partition is made with if it shall be a QEMU; installed, if it must be one.
  ///
  /// @throws PlatformException if it must be one, and cannot
  Optional<LinuxSupply> forPartition(PartitionDescription wanted)
      throws PlatformException, InterruptedException {
    return switch (wanted.engine()) {
      case EMBEDDED -> Optional.empty();
      case AUTO -> {
        EngineChoice choice =
            isFilter(wanted)
                ? EngineChoice.embedded("a Linux's bridge would not have the platform's rules")
                : EngineChoice.auto(wanted.memoryBytes(), LinuxSupply.find(cache));
        platform.tell(new PlatformEvent.Chosen(wanted.name(), choice));
        yield choice.supply();
      }
      case QEMU -> Optional.of(demand(wanted));
    };
  }

  /// Whether it forwards by rules, which must not be left out.
  private boolean isFilter(PartitionDescription wanted) {
    return wanted.role() == Role.BRIDGE && platform.description().rules().isPresent();
  }

  private LinuxSupply demand(PartitionDescription wanted)
      throws PlatformException, InterruptedException {
    if (wanted.memoryBytes() < EngineChoice.LEAST_LINUX_BYTES) {
      throw new PlatformException(
          "partition %s: a Linux in QEMU needs %d MiB or more"
              .formatted(wanted.name(), EngineChoice.LEAST_LINUX_BYTES >> 20));
    }
    if (isFilter(wanted)) {
      throw new PlatformException(
          "partition %s: a bridge in QEMU has no rules: make its engine embedded"
              .formatted(wanted.name()));
    }
    try {
      return LinuxSupply.install(cache, Progress.none());
    } catch (ProvisioningException e) {
      throw new PlatformException(
          "partition %s: engine qemu: %s".formatted(wanted.name(), e.getMessage()), e);
    }
  }

  RunningPartition build(PartitionDescription wanted, Partition partition, LinuxSupply supply)
      throws PlatformException, InterruptedException {
    try {
      Path folder = Files.createTempDirectory("portcullis-");
      LinuxBoot boot = LinuxBoot.of(supply, wanted, folder);
      QemuPlan plan =
          QemuPlan.of(
                  supply.qemu(),
                  platform.memory().file().path(),
                  partition.window(),
                  folder,
                  line -> admit(wanted, boot, line))
              .with(supply.accelerator())
              .with(admission.isChecked() ? Resets.ANEW : Resets.IN_PLACE);
      QemuEngine engine =
          QemuEngine.open(
              wanted.name(),
              plan,
              router,
              platform
                  .driver()
                  .interrupts()
                  .filter(_ -> platform.driver().traits().has(Feature.POSTED_INTERRUPTS)));
      return new RunningPartition(
          wanted,
          partition,
          engine,
          engine,
          engine.interrupts(),
          software(wanted, engine),
          Optional.empty());
    } catch (IOException | ProvisioningException e) {
      throw new PlatformException("partition %s: %s".formatted(wanted.name(), e.getMessage()), e);
    }
  }

  private QemuCommandLine admit(PartitionDescription wanted, LinuxBoot boot, QemuCommandLine line)
      throws EngineException, InterruptedException {
    List<BootPart> parts = boot.addTo(line);
    admission.demand(wanted.name(), parts, Optional.of(line.kernelCommandLine()));
    return line;
  }

  private static Optional<Client> software(PartitionDescription wanted, QemuEngine engine) {
    String setUp =
        switch (wanted.role()) {
          case CLIENT -> LinuxClient.setUp(wanted.address());
          case BRIDGE -> LinuxBridge.setUp();
        };
    LinuxShell shell = new LinuxShell(wanted.name(), engine, setUp);
    return wanted.role() == Role.CLIENT ? Optional.of(new LinuxClient(shell)) : Optional.empty();
  }
}
