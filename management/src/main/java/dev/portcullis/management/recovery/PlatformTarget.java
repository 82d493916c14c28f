package dev.portcullis.management.recovery;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootDisk;
import java.time.Duration;
import java.util.List;

/// A partition of a running platform.
record PlatformTarget(RunningPlatform platform, RunningPartition partition)
    implements RebuildTarget {
  private static final Duration START_LIMIT = Duration.ofMinutes(1);

  @Override
  public String name() {
    return partition.name();
  }

  @Override
  public List<BootDisk> disks() {
    return platform.disks(name());
  }

  @Override
  public void kill() {
    partition.engine().kill();
  }

  @Override
  public void scrub() throws RecoveryException {
    try {
      platform.power(PowerAction.SCRUB, name());
    } catch (VmmException | EngineException e) {
      throw new RecoveryException("its memory cannot be scrubbed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecoveryException("interrupted", e);
    }
  }

  @Override
  public void start() throws RecoveryException, InterruptedException {
    try {
      partition.engine().start(START_LIMIT);
    } catch (EngineException e) {
      throw new RecoveryException("it was rebuilt, and does not start: " + e.getMessage(), e);
    }
  }
}
