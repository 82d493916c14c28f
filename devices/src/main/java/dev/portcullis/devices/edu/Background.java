package dev.portcullis.devices.edu;

import java.util.ArrayDeque;
import java.util.Queue;

/// One thread that runs small jobs in order.
final class Background implements AutoCloseable {
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private boolean running;
  private boolean closed;

  Background(String name) {
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /// Runs `job` after those that wait already.
  synchronized void start(Runnable job) {
    waiting.add(job);
    notifyAll();
  }

  /// Forgets the jobs that wait, and returns when none runs.
  synchronized void drain() {
    waiting.clear();
    boolean interrupted = false;
    while (running) {
      interrupted |= !sleep();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    for (Runnable job = next(); job != null; job = next()) {
      job.run();
    }
  }

  private synchronized Runnable next() {
    running = false;
    notifyAll();
    while (waiting.isEmpty() && !closed) {
      sleep();
    }
    running = !closed;
    return closed ? null : waiting.remove();
  }

  /// @return whether the sleep ended by itself
  private boolean sleep() {
    try {
      wait();
      return true;
    } catch (InterruptedException nobodyInterruptsUs) {
      return false;
    }
  }

  /// Ends the thread when the running job is done.
  @Override
  public synchronized void close() {
    waiting.clear();
    closed = true;
    notifyAll();
  }
}
