package dev.portcullis.management.redfish;

import dev.portcullis.management.redfish.Feed.Numbered;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// Events as they come, as the answer to one request: Server-Sent Events.
///
/// ```
///   id: 17
///   data: {"@odata.type": "#Event…
/// ```
///
/// The server lets no answer take longer than a minute, so it ends before that. Whoever listens
/// comes again, as that protocol wants it, with the number of the latest, and has missed nothing.
final class EventStream {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long LIFE_MILLIS = 45_000;
  private static final long BEAT_MILLIS = 10_000;

  private final String id;
  private final Feed feed;
  private final EventFilter filter;
  private final String filterText;
  private final Runnable atEnd;
  private long at;
  private volatile boolean isEnded;

  /// @param after the number of the event before the first
  /// @param atEnd called when it has ended
  EventStream(
      String id, Feed feed, String filterText, EventFilter filter, long after, Runnable atEnd) {
    this.id = id;
    this.feed = feed;
    this.filterText = filterText;
    this.filter = filter;
    this.at = after;
    this.atEnd = atEnd;
  }

  /// Sends on a thread of its own until it ends.
  ///
  /// @param close called then, on that thread
  void start(OutputStream out, Runnable close) {
    Thread.ofVirtual()
        .name("events " + id)
        .start(() -> {
          try {
            send(out);
          } catch (IOException | InterruptedException left) {
            // They come again if they want more.
          } finally {
            // Not before: closing may write what is left.
            atEnd.run();
            close.run();
          }
        });
  }

  /// Has it never begin.
  void abandon() {
    atEnd.run();
  }

  /// Ends it, as an answer that is whole: no interrupt, which would break the connection of a
  /// thread that writes.
  void end() {
    isEnded = true;
    feed.wake();
  }

  private void send(OutputStream out) throws IOException, InterruptedException {
    long end = System.nanoTime() + LIFE_MILLIS * 1_000_000;
    // Says that it has begun, and how soon to come again: milliseconds.
    write(out, "retry: 100\n\n");
    for (long left = LIFE_MILLIS; left > 0 && !isEnded && !feed.isClosed(); ) {
      Optional<Numbered> next = feed.next(at, Math.min(left, BEAT_MILLIS), () -> isEnded);
      if (next.isEmpty()) {
        write(out, ": nothing new\n\n");
      } else {
        at = next.get().number();
        if (filter.wants(next.get().notice())) {
          String body = JSON.writeValueAsString(next.get().notice().body(at, ""));
          write(out, "id: %d\ndata: %s\n\n".formatted(at, body));
        }
      }
      left = (end - System.nanoTime()) / 1_000_000;
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /// As one of the subscriptions.
  Resource shown() {
    return Resource.of(
            EventService.SUBSCRIPTIONS + "/" + id, EventService.DESTINATION_TYPE, "Event stream")
        .with("Protocol", "Redfish")
        .with("SubscriptionType", "SSE")
        .with("EventFormatType", "Event")
        .with("Context", filterText)
        .with("Status", Resource.OK);
  }
}
