package dev.portcullis.devices.net;

import dev.portcullis.devices.thread.Threads;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// A thread that serves queues in turn, from DRIVER_OK to the next reset or failure.
final class Runner implements Runnable {
  private final List<QueueService> services;
  private final Consumer<Turn> onFailure;
  private final Thread thread;
  private volatile boolean stopping;

  /// @param onFailure hears of the turn that ended the work, on the thread itself
  Runner(String name, List<QueueService> services, Consumer<Turn> onFailure) {
    this.services = List.copyOf(services);
    this.onFailure = onFailure;
    thread = Thread.ofPlatform().daemon().name(name).unstarted(this);
  }

  void start() {
    thread.start();
  }

  /// There may be something to do.
  void wake() {
    LockSupport.unpark(thread);
  }

  /// Tells the thread to go.
  void halt() {
    stopping = true;
    wake();
  }

  /// Returns when the thread has gone.
  void stop() {
    halt();
    Threads.awaitEnd(thread);
  }

  @Override
  public void run() {
    Turn turn = Turn.WORKED;
    while (!stopping && !turn.isFailure()) {
      turn = round();
      if (turn == Turn.IDLE) {
        turn = roundAfterAsking();
      }
    }
    if (turn.isFailure()) {
      onFailure.accept(turn);
    }
  }

  /// Looks once more after it has said that it wants to be told, then waits.
  private Turn roundAfterAsking() {
    for (QueueService service : services) {
      if (!service.askForNotice()) {
        return Turn.BLOCKED;
      }
    }
    Turn turn = round();
    if (turn == Turn.IDLE && !stopping) {
      LockSupport.park(this);
    }
    return turn;
  }

  private Turn round() {
    Turn result = Turn.IDLE;
    for (QueueService service : services) {
      Turn turn = stopping ? Turn.IDLE : service.turn();
      if (turn.isFailure()) {
        return turn;
      }
      result = turn == Turn.WORKED ? turn : result;
    }
    return result;
  }
}
