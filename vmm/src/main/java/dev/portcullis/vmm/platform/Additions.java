package dev.portcullis.vmm.platform;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.Lvmm.Departure;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.assign.Assignment;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.platform.description.Addition;
import java.lang.System.Logger.Level;
import java.time.Duration;

/// Brings partitions to a platform that runs, and takes them away, one at a time. One that cannot
/// be had whole is taken away again as if nobody had asked.
final class Additions {
  private static final System.Logger LOG = System.getLogger(Additions.class.getName());

  private final RunningPlatform platform;
  private final PartitionBuilder builder;
  private final VirtualNetwork network;
  private boolean ended;

  Additions(RunningPlatform platform, PartitionBuilder builder, VirtualNetwork network) {
    this.platform = platform;
    this.builder = builder;
    this.network = network;
  }

  synchronized void add(Addition wanted, Beginning beginning, Duration limit)
      throws VmmException, EngineException, InterruptedException {
    demandOpen();
    RunningPartition partition = build(wanted);
    boolean added = false;
    try {
      network.add(wanted);
      for (RequesterId at : wanted.partition().devices()) {
        platform.assign(at, partition.name());
      }
      if (beginning == Beginning.AT_ONCE) {
        partition.engine().start(limit);
      }
      added = true;
    } finally {
      if (!added) {
        takeBack(partition);
      }
    }
  }

  private void demandOpen() throws VmmException {
    if (ended) {
      throw new VmmException(Reason.IN_USE, "the platform ends");
    }
  }

  private RunningPartition build(Addition wanted)
      throws VmmException, EngineException, InterruptedException {
    try {
      RunningPartition partition = builder.build(wanted.partition());
      platform.enter(partition, wanted);
      return partition;
    } catch (DriverException | PlatformException e) {
      platform
          .lvmm()
          .partition(wanted.partition().name())
          .ifPresent(half -> giveUp(() -> platform.lvmm().destroy(half, Departure.AS_IT_IS)));
      throw new EngineException(e.getMessage(), e);
    }
  }

  private interface Step {
    void take() throws VmmException;
  }

  private static void giveUp(Step step) {
    try {
      step.take();
    } catch (VmmException e) {
      LOG.log(Level.WARNING, e.getMessage());
    }
  }

  private void takeBack(RunningPartition partition) {
    giveUp(() -> takeAway(partition));
  }

  synchronized void remove(String name) throws VmmException {
    demandOpen();
    takeAway(platform.partition(name));
  }

  /// Its functions reach nothing any more before its memory is anybody else's.
  private void takeAway(RunningPartition partition) throws VmmException {
    partition.engine().kill();
    network.remove(partition.name());
    for (Assignment assignment : platform.lvmm().assignments().of(partition.partition())) {
      platform.release(assignment.function().at());
    }
    partition.engine().close();
    platform.lvmm().destroy(partition.partition(), Departure.SCRUBBED);
    platform.leave(partition.name());
  }

  /// Returns when none is under way; none begins any more.
  synchronized void end() {
    ended = true;
  }
}
