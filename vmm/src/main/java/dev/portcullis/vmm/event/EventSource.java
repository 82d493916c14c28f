package dev.portcullis.vmm.event;

import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/// Makes events: numbers them and says when they happened.
public final class EventSource {
  private final String uri;
  private final String run;
  private final InstantSource clock;
  private final AtomicLong last = new AtomicLong();

  /// A source whose events are unlike those of any other run.
  ///
  /// @param uri who it is, such as `/portcullis/client-platform`
  public EventSource(String uri, InstantSource clock) {
    this(uri, UUID.randomUUID().toString(), clock);
  }

  /// @param run makes ids unlike those of other runs
  EventSource(String uri, String run, InstantSource clock) {
    this.uri = uri;
    this.run = run;
    this.clock = clock;
  }

  /// An event that happens now.
  ///
  /// @param text a line for people
  /// @param data see [Event#data]
  public Event event(
      EventType type, Severity severity, Subject subject, String text, Map<String, Object> data) {
    long sequence = last.incrementAndGet();
    return new Event(
        run + "-" + sequence, sequence, clock.instant(), uri, type, severity, subject, text, data);
  }
}
