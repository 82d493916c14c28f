package dev.portcullis.vmm.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// What makes a partition run.
///
/// ```
///            start            pause
///   OFF ───────────▶ RUNNING ───────▶ PAUSED
///    ▲  ◀───────────    │    ◀───────
///    │   powers down    │     resume
///    │                  │ panics, or is halted
///    │  kill            ▼            reset
///    └─────────────── HALTED ───────────────▶ RUNNING
///
///   whatever breaks: FAILED, with the reason; start or kill lead out of it
/// ```
///
/// No call takes longer than its limit, whatever the guest or a process behind it does. A guest
/// that ignores a request goes on running; an engine that does not answer is killed and FAILED.
/// Calls may come from any thread; they happen one at a time.
public interface Engine extends AutoCloseable {

  /// What a platform file calls it: `qemu`, `embedded`.
  String kind();

  /// Starts the guest, from its beginning, if what it begins with is as it should be: looking at
  /// that takes its time, in addition to `limit`. The memory it starts from is the partition's
  /// window as it is. Returns when the guest's processor runs; the guest may still have to boot.
  ///
  /// @throws BootRefusedException if what it would begin with is not what it should be
  /// @throws EngineException if it is neither off nor failed; if it does not start
  void start(Duration limit) throws EngineException, InterruptedException;

  /// Has the guest's processors stand still. Functions that it was given go on with what they do.
  ///
  /// @throws EngineException if it does not run, or does not answer
  void pause(Duration limit) throws EngineException, InterruptedException;

  /// Goes on after [#pause].
  ///
  /// @throws EngineException if it is not paused, or does not answer
  void resume(Duration limit) throws EngineException, InterruptedException;

  /// Presses the reset button: the guest begins anew, from RUNNING, PAUSED or HALTED, with all that
  /// is looked at before a start.
  ///
  /// @throws BootRefusedException if what it would begin with is not what it should be
  /// @throws EngineException if there is nothing to reset, or it does not answer
  void reset(Duration limit) throws EngineException, InterruptedException;

  /// Stops the guest for good: its processors stand still, memory stays as it is, and only [#reset]
  /// and [#kill] lead on.
  ///
  /// @param reason for people: part of the state
  /// @throws EngineException if it neither runs nor is paused, or does not answer
  void halt(String reason, Duration limit) throws EngineException, InterruptedException;

  /// Presses the power button, and waits until the guest has shut down.
  ///
  /// @return whether it did within `limit`; if not, it goes on
  /// @throws EngineException if it does not run, or the engine does not answer
  boolean powerDown(Duration limit) throws EngineException, InterruptedException;

  /// Ends the guest as if its plug were pulled; nothing if it is off.
  void kill();

  /// How it is doing.
  EngineState state();

  /// Calls `listener` with each new state, in order, and with RUNNING each time the guest begins,
  /// on a thread of the engine. A listener must not wait for the engine.
  void onChange(Consumer<EngineState> listener);

  /// Where the first processor's page tables are now; none if the engine's processors have none, or
  /// none yet.
  ///
  /// @throws EngineException if it does not answer
  default Optional<Paging> paging(Duration limit) throws EngineException, InterruptedException {
    return Optional.empty();
  }

  /// Page tables of a processor.
  ///
  /// @param root guest physical address of the highest one
  /// @param levels 4 or 5
  record Paging(long root, int levels) {}

  /// How many processors the guest has.
  int processors();

  /// The guest's console, if it has one. It is there in every state.
  Optional<EngineConsole> console();

  /// Kills the guest, and gives up what the engine holds.
  @Override
  void close();
}
