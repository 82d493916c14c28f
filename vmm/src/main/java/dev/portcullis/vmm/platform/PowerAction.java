package dev.portcullis.vmm.platform;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.EngineState.Phase;
import java.time.Duration;

/// What can be done to a running partition from outside.
public enum PowerAction {
  /// Starts one that is off.
  START {
    @Override
    void on(RunningPlatform platform, RunningPartition partition, Duration limit)
        throws EngineException, InterruptedException {
      partition.engine().start(limit);
    }
  },
  /// Has its processors stand still.
  PAUSE {
    @Override
    void on(RunningPlatform platform, RunningPartition partition, Duration limit)
        throws EngineException, InterruptedException {
      partition.engine().pause(limit);
    }
  },
  /// Has them go on.
  RESUME {
    @Override
    void on(RunningPlatform platform, RunningPartition partition, Duration limit)
        throws EngineException, InterruptedException {
      partition.engine().resume(limit);
    }
  },
  /// Presses the reset button.
  RESET {
    @Override
    void on(RunningPlatform platform, RunningPartition partition, Duration limit)
        throws EngineException, InterruptedException {
      partition.engine().reset(limit);
    }
  },
  /// Presses the power button, and waits until it is off.
  POWER_DOWN {
    @Override
    void on(RunningPlatform platform, RunningPartition partition, Duration limit)
        throws EngineException, InterruptedException {
      if (!partition.engine().powerDown(limit)) {
        throw new EngineException("it did not shut down within " + limit.toSeconds() + " s");
      }
    }
  },
  /// Pulls the plug.
  KILL {
    @Override
    void on(RunningPlatform platform, RunningPartition partition, Duration limit) {
      partition.engine().kill();
    }
  },
  /// Has nothing left of what was in the memory of one that is off: its functions are reset, since
  /// they may still be at work there, and its pages are zeroes.
  SCRUB {
    @Override
    void on(RunningPlatform platform, RunningPartition partition, Duration limit)
        throws VmmException, EngineException {
      Phase phase = partition.engine().state().phase();
      if (phase != Phase.OFF && phase != Phase.FAILED) {
        throw new EngineException(
            "partition %s is %s: only one that is off is scrubbed"
                .formatted(partition.name(), partition.engine().state()));
      }
      platform.lvmm().scrub(partition.partition());
    }
  };

  abstract void on(RunningPlatform platform, RunningPartition partition, Duration limit)
      throws VmmException, EngineException, InterruptedException;
}
