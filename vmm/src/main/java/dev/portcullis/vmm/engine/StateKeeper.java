package dev.portcullis.vmm.engine;

import dev.portcullis.vmm.engine.EngineState.Phase;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/// An engine's state, and who is told of its changes. Listeners hear of every change, in order, on
/// a thread that nobody waits for.
public final class StateKeeper implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(StateKeeper.class.getName());

  private final List<Consumer<EngineState>> listeners = new CopyOnWriteArrayList<>();
  private final LinkedBlockingQueue<Optional<EngineState>> changes = new LinkedBlockingQueue<>();
  private EngineState state = EngineState.of(Phase.OFF);

  /// Off.
  ///
  /// @param name of the partition, for people
  public StateKeeper(String name) {
    Thread.ofVirtual().name("state of " + name).start(this::tell);
  }

  /// The state now.
  public synchronized EngineState state() {
    return state;
  }

  /// Changes the state; nothing is told if it is the same already.
  public synchronized void set(EngineState next) {
    if (!next.equals(state)) {
      state = next;
      changes.add(Optional.of(next));
      notifyAll();
    }
  }

  /// The guest has begun anew: it is RUNNING, which is told even if it was so before.
  public synchronized void begun() {
    state = EngineState.of(Phase.RUNNING);
    changes.add(Optional.of(state));
    notifyAll();
  }

  /// The same, if the phase is RUNNING.
  public synchronized void begunIfRunning() {
    if (state.phase() == Phase.RUNNING) {
      begun();
    }
  }

  /// Changes the state if its phase is one of `from`.
  ///
  /// @return whether it was
  public synchronized boolean change(Set<Phase> from, EngineState next) {
    if (!from.contains(state.phase())) {
      return false;
    }
    set(next);
    return true;
  }

  /// Fails unless the phase is one of `allowed`.
  ///
  /// @param what the caller is about to do, for people
  public synchronized void demand(String what, Phase first, Phase... allowed)
      throws EngineException {
    if (!EnumSet.of(first, allowed).contains(state.phase())) {
      throw new EngineException("cannot %s: it is %s".formatted(what, state));
    }
  }

  /// Waits until the phase is one of `wanted`.
  ///
  /// @param deadlineNanos as [System#nanoTime]
  /// @return whether it is
  public synchronized boolean await(Set<Phase> wanted, long deadlineNanos)
      throws InterruptedException {
    while (!wanted.contains(state.phase())) {
      long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        return false;
      }
      wait(leftMillis);
    }
    return true;
  }

  /// Has `listener` told of changes from now on.
  public void onChange(Consumer<EngineState> listener) {
    listeners.add(listener);
  }

  private void tell() {
    try {
      Optional<EngineState> next = changes.take();
      while (next.isPresent()) {
        tell(next.get());
        next = changes.take();
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(EngineState next) {
    for (Consumer<EngineState> listener : listeners) {
      try {
        listener.accept(next);
      } catch (RuntimeException | AssertionError theirs) {
        LOG.log(Level.ERROR, "a listener failed at " + next, theirs);
      }
    }
  }

  /// Tells of what has happened until now, and of nothing more.
  @Override
  public void close() {
    changes.add(Optional.empty());
  }
}
