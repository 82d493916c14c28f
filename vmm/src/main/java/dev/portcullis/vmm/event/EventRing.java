package dev.portcullis.vmm.event;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Keeps the latest events, for those who look at a running platform.
public final class EventRing implements EventSink {
  private final int capacity;
  private final ArrayDeque<Event> events;
  private long dropped;

  /// @param capacity 1 or more
  public EventRing(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("a ring of " + capacity);
    }
    this.capacity = capacity;
    this.events = new ArrayDeque<>(capacity);
  }

  @Override
  public String name() {
    return "the latest events";
  }

  @Override
  public synchronized void accept(Event event) {
    if (events.size() == capacity) {
      events.removeFirst();
      dropped++;
    }
    events.addLast(event);
  }

  /// How many are kept at most.
  public int capacity() {
    return capacity;
  }

  /// The latest events, the oldest first.
  public synchronized List<Event> latest() {
    return new ArrayList<>(events);
  }

  /// How many have made room for later ones.
  public synchronized long dropped() {
    return dropped;
  }

  @Override
  public void close() {}
}
