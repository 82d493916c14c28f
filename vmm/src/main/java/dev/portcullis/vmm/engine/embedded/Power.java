package dev.portcullis.vmm.engine.embedded;

import dev.portcullis.guest.port.PoweredOffError;
import dev.portcullis.unit.drain.InFlight;

/// Whether an embedded partition's processors run. Each access they make is bracketed in [#enter]
/// and [#exit]: when [#stop] or [#off] has returned, none is under way, and none begins.
final class Power {
  private final InFlight inFlight = new InFlight();
  private volatile State state = State.OFF;

  private enum State {
    ON,
    STOPPED,
    OFF
  }

  /// Off.
  Power() {}

  /// Begins an access; waits while processors stand still.
  ///
  /// @return the ticket to give to [#exit]
  /// @throws PoweredOffError if there is no power
  int enter() {
    while (true) {
      int ticket = inFlight.enter(1);
      State now = state;
      if (now == State.ON) {
        return ticket;
      }
      inFlight.exit(ticket, 1);
      if (now == State.OFF) {
        throw new PoweredOffError();
      }
      awaitChange();
    }
  }

  private synchronized void awaitChange() {
    boolean interrupted = false;
    while (state == State.STOPPED) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  void exit(int ticket) {
    inFlight.exit(ticket, 1);
  }

  void on() {
    set(State.ON);
  }

  void stop() {
    set(State.STOPPED);
    inFlight.drain();
  }

  void off() {
    set(State.OFF);
    inFlight.drain();
  }

  private synchronized void set(State next) {
    state = next;
    notifyAll();
  }
}
