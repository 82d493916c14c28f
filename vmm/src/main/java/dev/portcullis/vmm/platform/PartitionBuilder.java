package dev.portcullis.vmm.platform;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.embedded.EmbeddedEngine;
import dev.portcullis.vmm.engine.embedded.InterruptUnit;
import dev.portcullis.vmm.engine.embedded.InterruptUnit.Posting;
import dev.portcullis.vmm.engine.qemu.LinuxSupply;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.platform.boot.HeldImage;
import dev.portcullis.vmm.platform.description.BootDescription.ImageDescription;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/// Makes partitions with their engines.
final class PartitionBuilder {
  private final RunningPlatform platform;
  private final InterruptRouter router;
  private final Admission admission;
  private final LinuxPartitions linux;

  PartitionBuilder(RunningPlatform platform, InterruptRouter router, Admission admission) {
    this.platform = platform;
    this.router = router;
    this.admission = admission;
    this.linux = new LinuxPartitions(platform, router, admission);
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
            software.software(),
            () -> prepare(wanted, partition));
    return new RunningPartition(
        wanted, partition, engine, engine, interrupts, software.client(), software.bridge());
  }

  /// Looks at what an embedded partition begins with, and puts its image where it belongs.
  private void prepare(PartitionDescription wanted, Partition partition)
      throws EngineException, InterruptedException {
    Optional<ImageDescription> described = wanted.boot().image();
    if (described.isEmpty()) {
      admission.demand(wanted.name(), List.of(), Optional.empty());
      return;
    }
    ImageDescription place = described.get();
    HeldImage image = read(place, wanted.memoryBytes() - place.at());
    admission.demand(wanted.name(), List.of(image.part()), Optional.empty());
    // By physical address: the partition's own map may keep its processors from writing there.
    long hpa = partition.window().first() + place.at();
    if (!platform.memory().map().write(hpa, image.bytes(), 0, image.part().bytes())) {
      throw new EngineException("there is no memory at %#x for its image".formatted(hpa));
    }
  }

  private static HeldImage read(ImageDescription place, long mostBytes) throws EngineException {
    try {
      return HeldImage.read(place.file(), mostBytes);
    } catch (NoSuchFileException e) {
      throw new EngineException("cannot be booted: there is no file " + e.getMessage(), e);
    } catch (IOException e) {
      throw new EngineException("cannot be booted: " + e.getMessage(), e);
    }
  }
}
