package dev.portcullis.vmm.platform;

import dev.portcullis.vmm.engine.Engine;
import dev.portcullis.vmm.engine.EngineException;
import java.time.Duration;

/// What can be done to a running partition from outside.
public enum PowerAction {
  /// Starts one that is off.
  START {
    @Override
    void on(Engine engine, Duration limit) throws EngineException, InterruptedException {
      engine.start(limit);
    }
  },
  /// Has its processors stand still.
  PAUSE {
    @Override
    void on(Engine engine, Duration limit) throws EngineException, InterruptedException {
      engine.pause(limit);
    }
  },
  /// Has them go on.
  RESUME {
    @Override
    void on(Engine engine, Duration limit) throws EngineException, InterruptedException {
      engine.resume(limit);
    }
  },
  /// Presses the reset button.
  RESET {
    @Override
    void on(Engine engine, Duration limit) throws EngineException, InterruptedException {
      engine.reset(limit);
    }
  },
  /// Presses the power button, and waits until it is off.
  POWER_DOWN {
    @Override
    void on(Engine engine, Duration limit) throws EngineException, InterruptedException {
      if (!engine.powerDown(limit)) {
        throw new EngineException("it did not shut down within " + limit.toSeconds() + " s");
      }
    }
  },
  /// Pulls the plug.
  KILL {
    @Override
    void on(Engine engine, Duration limit) {
      engine.kill();
    }
  };

  abstract void on(Engine engine, Duration limit) throws EngineException, InterruptedException;
}
