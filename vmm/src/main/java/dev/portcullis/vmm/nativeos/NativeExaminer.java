package dev.portcullis.vmm.nativeos;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.guest.block.DiskException;
import dev.portcullis.guest.nvme.NvmeDriver;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.vmm.nativeos.description.NativeDescription.Step;
import dev.portcullis.vmm.nativeos.description.NativeExpectation;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Compare;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Disk;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Stray;
import dev.portcullis.vmm.software.Client.Moved;
import dev.portcullis.vmm.software.DiskWork;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/// Has drivers do what is expected of them, and looks at what comes of it.
public final class NativeExaminer {
  private final NativeSystem system;
  private final AtomicInteger buffers = new AtomicInteger();

  public NativeExaminer(NativeSystem system) {
    this.system = system;
  }

  /// Has expectations come true, or not, all at once; those of one driver one after the other.
  ///
  /// @return in the order of the step
  public List<NativeOutcome> examine(Step step) throws InterruptedException {
    List<FutureTask<NativeOutcome>> tasks = new ArrayList<>();
    for (NativeExpectation expectation : step.atOnce()) {
      FutureTask<NativeOutcome> task = new FutureTask<>(() -> examine(expectation));
      tasks.add(task);
      Thread.ofPlatform().daemon().name("driver " + expectation.driver()).start(task);
    }
    List<NativeOutcome> outcomes = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      try {
        outcomes.add(tasks.get(i).get());
      } catch (ExecutionException e) {
        outcomes.add(NativeOutcome.of(step.atOnce().get(i), false, e.getCause().toString()));
      }
    }
    return outcomes;
  }

  private NativeOutcome examine(NativeExpectation expectation) throws InterruptedException {
    try {
      synchronized (system.driver(expectation.driver())) {
        return switch (expectation) {
          case Disk disk -> disk(disk);
          case Stray stray ->
              new StrayDma(system, stray, "buffer " + buffers.incrementAndGet()).examine();
          case Compare compare -> new BounceComparison(system, compare).examine();
        };
      }
    } catch (DriverException | PciException | DiskException e) {
      return NativeOutcome.of(expectation, false, e.getMessage());
    }
  }

  private NativeOutcome disk(Disk expectation) throws DiskException, InterruptedException {
    NativeDriver driver = system.driver(expectation.driver());
    DriverMemory memory = new DriverMemory(driver.dma(), system.pages());
    try (NvmeDriver disk = driver.disk(memory)) {
      long room = disk.blocks() * disk.blockBytes();
      if (expectation.bytes() > room) {
        return NativeOutcome.of(expectation, false, "the disk has %,d bytes".formatted(room));
      }
      Moved moved = DiskWork.writeAndRead(disk, expectation.bytes());
      String detail =
          moved.isEqual()
              ? "SHA-256 %s…, %d buffers mapped"
                  .formatted(
                      moved.sent().substring(0, 16), driver.dma().ledger().mappedNow().size())
              : "sent %s, came back %s".formatted(moved.sent(), moved.received());
      return NativeOutcome.of(expectation, moved.isEqual(), detail);
    }
  }
}
