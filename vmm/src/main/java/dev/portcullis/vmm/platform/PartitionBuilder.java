package dev.portcullis.vmm.platform;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.engine.embedded.EmbeddedEngine;
import dev.portcullis.vmm.engine.embedded.InterruptUnit;
import dev.portcullis.vmm.engine.embedded.InterruptUnit.Posting;
import dev.portcullis.vmm.engine.qemu.LinuxSupply;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import java.util.Optional;

/// Makes partitions with their engines.
final class PartitionBuilder {
  private final RunningPlatform platform;
  private final InterruptRouter router;
  private final LinuxPartitions linux;

  PartitionBuilder(RunningPlatform platform, InterruptRouter router) {
    this.platform = platform;
    this.router = router;
    this.linux = new LinuxPartitions(platform, router);
  }

  RunningPartition build(PartitionDescription wanted)
      throws VmmException, DriverException, PlatformException, InterruptedException {
    Optional<LinuxSupply> supply = linux.forPartition(wanted);
    Partition partition = platform.allocate(wanted);
    return supply.isPresent()
        ? linux.build(wanted, partition, supply.get())
        : embedded(wanted, partition);
  }

  private RunningPartition embedded(PartitionDescription wanted, Partition partition)
      throws DriverException, PlatformException {
    InterruptUnit interrupts =
        new InterruptUnit(
            wanted.name(),
            router,
            platform.driver().interrupts(),
            platform.driver().traits().has(Feature.POSTED_INTERRUPTS)
                ? Posting.OFFERED
                : Posting.ABSENT);
    EmbeddedSoftware software = EmbeddedSoftware.of(wanted, platform.description());
    EmbeddedEngine engine =
        new EmbeddedEngine(
            wanted.name(),
            partition.processors(),
            wanted.memoryBytes(),
            interrupts,
            software.software());
    return new RunningPartition(
        wanted, partition, engine, engine, interrupts, software.client(), software.firewall());
  }
}
