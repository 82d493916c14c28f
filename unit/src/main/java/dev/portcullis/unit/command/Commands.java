package dev.portcullis.unit.command;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/// Lets one thread command the unit at a time, and gives the queue a turn when something it waits
/// for has happened: on the thread where it happened, or on the one that is commanding just then.
/// Who brings the news never waits.
public final class Commands {
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicBoolean news = new AtomicBoolean();
  private final Runnable turn;

  /// @param turn what is done, between [#enter] and [#leave], when there is news
  public Commands(Runnable turn) {
    this.turn = turn;
  }

  /// Begins a command: waits until nobody else commands.
  public void enter() {
    lock.lock();
  }

  /// Ends a command.
  public void leave() {
    lock.unlock();
    serve();
  }

  /// Something has happened.
  public void wake() {
    news.set(true);
    serve();
  }

  private void serve() {
    // Whoever fails to get the lock is sure that its holder looks here after giving it back.
    while (news.get() && !lock.isHeldByCurrentThread() && lock.tryLock()) {
      try {
        if (news.compareAndSet(true, false)) {
          turn.run();
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
