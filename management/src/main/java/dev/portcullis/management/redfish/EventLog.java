package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.link;
import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventRing;
import dev.portcullis.vmm.event.Severity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// The latest events, as a log service.
final class EventLog {
  private static final String ID = "Events";

  private static final String CLEAR = "LogService.ClearLog";

  private final EventRing ring;

  /// By the collection of log services that a log is in: the last event that it shows no more.
  private final Map<String, Long> cleared = new ConcurrentHashMap<>();

  /// @param ring of the platform's: the audit log has more
  EventLog(EventRing ring) {
    this.ring = ring;
  }

  /// @param path of the collection of log services
  /// @param below path below that
  /// @param wanted which events belong to it
  Optional<Resource> find(String path, List<String> below, Query query, Predicate<Event> wanted) {
    String own = path + "/" + ID;
    if (below.isEmpty()) {
      return Optional.of(Resource.collection(path, "LogService", "Logs", List.of(ID)));
    }
    if (!below.getFirst().equals(ID)) {
      return Optional.empty();
    }
    long after = cleared.getOrDefault(path, 0L);
    List<Event> events =
        ring.latest().stream().filter(event -> event.sequence() > after).filter(wanted).toList();
    return switch (below.size()) {
      case 1 ->
          Optional.of(
              Resource.of(own, "#LogService.v1_7_0.LogService", "Events")
                  .with("LogEntryType", "Event")
                  .with("MaxNumberOfRecords", ring.capacity())
                  .with("OverWritePolicy", "WrapsWhenFull")
                  .with("ServiceEnabled", true)
                  .with("DateTime", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                  .with("DateTimeLocalOffset", "+00:00")
                  .with("Status", Resource.OK)
                  .below("Entries")
                  .with("Actions", map("#" + CLEAR, map("target", own + "/Actions/" + CLEAR))));
      case 2 ->
          below.get(1).equals("Entries")
              ? Optional.of(entries(own + "/Entries", events, query))
              : Optional.empty();
      case 3 ->
          events.stream()
              .filter(event -> Long.toString(event.sequence()).equals(below.get(2)))
              .findFirst()
              .map(event -> entry(own + "/Entries", event));
      default -> Optional.empty();
    };
  }

  /// Whether somebody asks to have a log cleared.
  ///
  /// @param at path below the root
  static boolean isClear(List<String> at) {
    return at.size() == 6
        && (at.getFirst().equals("Systems") || at.getFirst().equals("Managers"))
        && at.subList(2, 6).equals(List.of("LogServices", ID, "Actions", CLEAR));
  }

  /// Shows nothing any more of what has happened until now. It stays in the audit log, and where
  /// else events go.
  ///
  /// @param path of the collection of log services
  void clear(String path) {
    ring.latest().stream()
        .mapToLong(Event::sequence)
        .max()
        .ifPresent(last -> cleared.put(path, last));
  }

  private static Resource entries(String path, List<Event> events, Query query) {
    List<Event> page = events.stream().skip(query.skip()).limit(query.top()).toList();
    Resource all =
        Resource.collection(path, "LogEntry", "Events", List.of())
            .with("Members@odata.count", events.size())
            .with("Members", page.stream().map(event -> entry(path, event).body()).toList());
    int next = query.skip() + page.size();
    if (next < events.size() && !page.isEmpty()) {
      all.with("Members@odata.nextLink", path + "?$skip=%d&$top=%d".formatted(next, query.top()));
    }
    return all;
  }

  private static Resource entry(String path, Event event) {
    Resource entry =
        Resource.of(
                path + "/" + event.sequence(), "#LogEntry.v1_16_0.LogEntry", event.type().word())
            .with("EntryType", "Event")
            .with("Created", event.time().toString())
            .with("EventId", event.id())
            .with("Severity", severity(event.severity()))
            .with("Message", event.text())
            .with("MessageId", Registry.messageId(event.type()))
            .with("MessageArgs", List.of(event.text()))
            .with("Oem", oem(event));
    event
        .subject()
        .partition()
        .ifPresent(name ->
            entry.with(
                "Links",
                map("OriginOfCondition", link(Systems.PATH + "/" + Resource.encoded(name)))));
    return entry;
  }

  /// What Redfish has no words for.
  static Map<String, Object> oem(Event event) {
    return Oem.of(
        "Event",
        "Type",
        event.type().qualified(),
        "Subject",
        event.subject().path(),
        "Severity",
        event.severity().word(),
        "Data",
        event.data());
  }

  /// One of the three that Redfish knows.
  static String severity(Severity severity) {
    if (severity.isAtLeast(Severity.ERROR)) {
      return "Critical";
    }
    return severity.isAtLeast(Severity.WARNING) ? "Warning" : "OK";
  }
}
