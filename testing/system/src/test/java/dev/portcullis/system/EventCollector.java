package dev.portcullis.system;

import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventSink;
import dev.portcullis.vmm.event.EventType;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/// Keeps what it is told.
final class EventCollector implements EventSink {
  private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(5);

  private final List<Event> events = new CopyOnWriteArrayList<>();

  @Override
  public String name() {
    return "test";
  }

  @Override
  public void accept(Event event) {
    events.add(event);
  }

  /// Those until now, oldest first.
  public List<Event> all() {
    return List.copyOf(events);
  }

  /// Those of a type until now.
  public List<Event> of(EventType type) {
    return events.stream().filter(event -> event.type() == type).toList();
  }

  /// The first of a type that is so, once there is one.
  public Event await(EventType type, Predicate<Event> wanted) throws InterruptedException {
    await("an event " + type.word() + " among " + events, () -> of(type).stream().anyMatch(wanted));
    Optional<Event> first = of(type).stream().filter(wanted).findFirst();
    return first.orElseThrow();
  }

  /// Returns once something is so.
  public static void await(String what, BooleanSupplier isSo) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (!isSo.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("never came: " + what);
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Override
  public void close() {}
}
