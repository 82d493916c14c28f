package dev.portcullis.vmm.event;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// One sink with its thread and the events that wait for it. What fails is tried again, ever more
/// seldom, until it succeeds; what finds no room meanwhile is counted.
final class Outlet {
  private final EventSink sink;
  private final EventSource source;
  private final EventBus.Limits limits;
  private final Consumer<Event> others;
  private final ArrayDeque<Event> waiting = new ArrayDeque<>();
  private final Thread thread;
  private State state = State.OPEN;
  private long delivered;
  private long lost;
  private long untold;
  private long sinceTold;
  private Event inHand;
  private Optional<String> trouble = Optional.empty();

  private enum State {
    OPEN,
    /// What waits is still to be delivered.
    CLOSING,
    /// Nothing is tried any more.
    ABANDONED
  }

  /// @param source says what was lost
  /// @param others told of it, too
  Outlet(EventSink sink, EventSource source, EventBus.Limits limits, Consumer<Event> others) {
    this.sink = sink;
    this.source = source;
    this.limits = limits;
    this.others = others;
    this.thread =
        Thread.ofPlatform().daemon().name("events to " + sink.name()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// Has `event` wait, if there is room.
  synchronized void offer(Event event) {
    if (state != State.OPEN || waiting.size() == limits.waiting()) {
      lose(1);
      return;
    }
    waiting.addLast(event);
    notifyAll();
  }

  private synchronized void lose(long count) {
    lost += count;
    untold += count;
  }

  private void run() {
    try {
      for (Event event = next(); event != null; event = next()) {
        if (deliver(event)) {
          tellLost();
        }
      }
      sink.flush();
    } catch (IOException e) {
      failed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The next one, once there is one; null once there will be none.
  private Event next() throws InterruptedException {
    if (isIdle()) {
      try {
        sink.flush();
      } catch (IOException e) {
        failed(e);
      }
    }
    synchronized (this) {
      while (waiting.isEmpty() && state == State.OPEN) {
        wait();
      }
      inHand = state == State.ABANDONED ? null : waiting.pollFirst();
      return inHand;
    }
  }

  private synchronized boolean isIdle() {
    return waiting.isEmpty();
  }

  /// Tries until it succeeds, or nothing is tried any more.
  private boolean deliver(Event event) throws InterruptedException {
    long pauseMillis = limits.firstPause().toMillis();
    while (true) {
      try {
        sink.accept(event);
        succeeded();
        return true;
      } catch (IOException e) {
        failed(e);
        if (!pause(pauseMillis)) {
          return false;
        }
        pauseMillis = Math.min(2 * pauseMillis, limits.longestPause().toMillis());
      } catch (RuntimeException e) {
        // Trying again would end the same way.
        failed(e);
        dropInHand();
        return false;
      }
    }
  }

  private synchronized void succeeded() {
    if (state == State.ABANDONED && inHand == null) {
      return;
    }
    inHand = null;
    delivered++;
    sinceTold++;
    trouble = Optional.empty();
  }

  private synchronized void dropInHand() {
    if (inHand != null) {
      inHand = null;
      lose(1);
    }
  }

  private synchronized void failed(Exception e) {
    trouble = Optional.of(e.toString());
  }

  /// @return false if nothing is to be tried any more
  private synchronized boolean pause(long millis) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
    for (long left = millis; left > 0 && state != State.ABANDONED; ) {
      wait(left);
      left = (end - System.nanoTime()) / 1_000_000;
    }
    return state != State.ABANDONED;
  }

  /// Says what was lost: once nothing waits, and now and then while there is no end of it.
  private void tellLost() {
    long count = takeUntold();
    if (count == 0) {
      return;
    }
    Event event =
        source.event(
            EventType.EVENTS_LOST,
            Severity.WARNING,
            Subject.PLATFORM,
            "%,d events did not reach %s".formatted(count, sink.name()),
            Map.of("sink", sink.name(), "count", count));
    try {
      sink.accept(event);
      succeeded();
      others.accept(event);
    } catch (IOException | RuntimeException e) {
      failed(e);
      untell(count);
    }
  }

  private synchronized long takeUntold() {
    if (!waiting.isEmpty() && sinceTold < limits.waiting()) {
      return 0;
    }
    sinceTold = 0;
    long count = untold;
    untold = 0;
    return count;
  }

  private synchronized void untell(long count) {
    untold += count;
  }

  synchronized SinkStatus status() {
    return new SinkStatus(sink.name(), waiting.size(), delivered, lost, trouble);
  }

  /// Takes no more events.
  synchronized void beginClosing() {
    state = State.CLOSING;
    notifyAll();
  }

  /// Waits until what waits is delivered, `patience` at most, and closes the sink.
  void close(Duration patience) throws InterruptedException {
    boolean done = thread.join(patience);
    if (!done) {
      abandon();
    }
    try {
      sink.close();
    } catch (IOException e) {
      failed(e);
    }
    if (!done) {
      thread.join(limits.longestPause());
    }
  }

  private synchronized void abandon() {
    state = State.ABANDONED;
    dropInHand();
    lost += waiting.size();
    waiting.clear();
    notifyAll();
  }
}
