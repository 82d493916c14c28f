package dev.portcullis.vmm.event;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// Hands every event to every sink, without having whoever publishes it wait.
///
/// ```
///                ┌─▶ waiting ─ thread ─▶ sink
///   publish ─────┼─▶ waiting ─ thread ─▶ sink that takes nothing: when no room is left,
///                │                        what it misses is counted, and told afterwards
///                └─▶ waiting ─ thread ─▶ sink
/// ```
public final class EventBus implements AutoCloseable {
  private static final Duration CLOSING_PATIENCE = Duration.ofSeconds(2);

  private final EventSource source;
  private final Limits limits;
  private final List<Outlet> outlets = new CopyOnWriteArrayList<>();

  /// @param waiting how many events wait for each sink, 1 or more
  /// @param firstPause after a first failure
  /// @param longestPause pauses get twice as long, up to this
  public record Limits(int waiting, Duration firstPause, Duration longestPause) {
    public static final Limits DEFAULT =
        new Limits(1024, Duration.ofMillis(100), Duration.ofSeconds(5));

    public Limits {
      if (waiting < 1 || !firstPause.isPositive() || longestPause.compareTo(firstPause) < 0) {
        throw new IllegalArgumentException(
            "%d events, pauses of %s to %s".formatted(waiting, firstPause, longestPause));
      }
    }
  }

  /// A bus without sinks.
  ///
  /// @param source makes the events that the bus itself tells
  public EventBus(EventSource source, Limits limits) {
    this.source = source;
    this.limits = limits;
  }

  /// Has `sink` get all events from now on. It is the bus's to close.
  public void add(EventSink sink) {
    Outlet[] own = new Outlet[1];
    own[0] = new Outlet(sink, source, limits, event -> publishExcept(own[0], event));
    outlets.add(own[0]);
    own[0].start();
  }

  private void publishExcept(Outlet one, Event event) {
    for (Outlet outlet : outlets) {
      if (outlet != one) {
        outlet.offer(event);
      }
    }
  }

  /// Has `event` go to all sinks. Never waits for one.
  public void publish(Event event) {
    publishExcept(null, event);
  }

  /// Has an event that happens now go to all sinks; see [EventSource#event].
  public void publish(
      EventType type, Severity severity, Subject subject, String text, Map<String, Object> data) {
    publish(source.event(type, severity, subject, text, data));
  }

  /// How the sinks are doing.
  public List<SinkStatus> status() {
    return outlets.stream().map(Outlet::status).toList();
  }

  /// Gives all sinks together two seconds for what still waits, and closes them.
  @Override
  public void close() {
    close(CLOSING_PATIENCE);
  }

  /// Gives all sinks together `patience` for what still waits, and closes them.
  public void close(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    outlets.forEach(Outlet::beginClosing);
    try {
      for (Outlet outlet : outlets) {
        outlet.close(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
