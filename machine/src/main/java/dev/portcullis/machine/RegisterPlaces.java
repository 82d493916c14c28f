package dev.portcullis.machine;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Where firmware has put the registers of the units. Told by the threads that serve them.
final class RegisterPlaces {
  private final Map<String, Long> bases = new TreeMap<>();
  private Consumer<Map<String, Long>> listener = bases -> {};

  synchronized void put(String unit, long base) {
    bases.put(unit, base);
    notifyAll();
    listener.accept(snapshot());
  }

  synchronized void listen(Consumer<Map<String, Long>> to) {
    listener = to;
  }

  synchronized Map<String, Long> snapshot() {
    return new TreeMap<>(bases);
  }

  synchronized void clear() {
    bases.clear();
  }

  synchronized Map<String, Long> await(int count, Duration limit) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    while (bases.size() < count) {
      long leftNanos = deadlineNanos - System.nanoTime();
      if (leftNanos <= 0) {
        break;
      }
      TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
    }
    return snapshot();
  }
}
