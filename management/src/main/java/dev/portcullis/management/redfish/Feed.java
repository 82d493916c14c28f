package dev.portcullis.management.redfish;

import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventSink;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// The latest of what is told to subscribers. Each of them reads on where it has come to, and holds
/// up nobody: whoever is too slow misses what is no longer here.
final class Feed implements EventSink {
  /// How many are kept.
  static final int CAPACITY = 1000;

  private final ArrayDeque<Numbered> latest = new ArrayDeque<>(CAPACITY);
  private long last;
  private boolean isClosed;

  /// @param number from 1 on
  record Numbered(long number, Notice notice) {}

  @Override
  public String name() {
    return "Redfish's subscribers";
  }

  @Override
  public void accept(Event event) {
    add(Notice.of(event));
  }

  synchronized void add(Notice notice) {
    if (latest.size() == CAPACITY) {
      latest.removeFirst();
    }
    latest.addLast(new Numbered(++last, notice));
    notifyAll();
  }

  /// The number of the latest.
  synchronized long last() {
    return last;
  }

  /// The first one behind `number` that is still here, once there is one; nothing if there is none
  /// after so long, or there will be none.
  Optional<Numbered> next(long number, long millis) throws InterruptedException {
    return next(number, millis, () -> false);
  }

  /// The same for somebody who may no longer want it.
  ///
  /// @param isOver looked at after [#wake]
  synchronized Optional<Numbered> next(long number, long millis, BooleanSupplier isOver)
      throws InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000;
    for (long left = millis; last <= number && !isClosed && !isOver.getAsBoolean() && left > 0; ) {
      wait(left);
      left = (end - System.nanoTime()) / 1_000_000;
    }
    return latest.stream().filter(one -> one.number() > number).findFirst();
  }

  /// Has everybody who waits look whether they still want to.
  synchronized void wake() {
    notifyAll();
  }

  synchronized boolean isClosed() {
    return isClosed;
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    notifyAll();
  }
}
