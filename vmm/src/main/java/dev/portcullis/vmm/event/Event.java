package dev.portcullis.vmm.event;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Something that happened, for people and programs that manage the platform. Bounded, whoever
/// chose its strings.
///
/// @param id unlike that of any other event of its source
/// @param sequence number among the events of its source, from 1 on
/// @param time when it happened
/// @param source who says so: a URI
/// @param type what it is, such as `dev.portcullis.fault.refused`
/// @param text a line for people
/// @param data its fields: strings, whole numbers, or booleans; names are lower-case words joined
///   by hyphens
public record Event(
    String id,
    long sequence,
    Instant time,
    String source,
    EventType type,
    Severity severity,
    Subject subject,
    String text,
    Map<String, Object> data) {
  private static final int TEXT_CHARS = 1024;
  private static final int MOST_FIELDS = 32;

  public Event {
    if (id.isEmpty() || sequence < 1 || source.isEmpty()) {
      throw new IllegalArgumentException("an event without identity");
    }
    text = Text.bounded(text, TEXT_CHARS);
    data = bounded(data);
  }

  private static Map<String, Object> bounded(Map<String, Object> data) {
    if (data.size() > MOST_FIELDS) {
      throw new IllegalArgumentException("an event of %d fields".formatted(data.size()));
    }
    Map<String, Object> kept = new LinkedHashMap<>();
    data.forEach((name, value) -> kept.put(demandName(name), plain(name, value)));
    return Collections.unmodifiableMap(kept);
  }

  private static String demandName(String name) {
    if (!name.matches("[a-z][a-z0-9-]{0,31}")) {
      throw new IllegalArgumentException("\"" + name + "\" is no name for a field");
    }
    return name;
  }

  private static Object plain(String name, Object value) {
    return switch (value) {
      case String string -> Text.bounded(string, TEXT_CHARS);
      case Integer number -> number.longValue();
      case Long number -> number;
      case Boolean truth -> truth;
      default ->
          throw new IllegalArgumentException("field %s: %s".formatted(name, value.getClass()));
    };
  }
}
