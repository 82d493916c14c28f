package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.link;
import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.vmm.event.Event;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An event as those are told who have subscribed to it.
///
/// @param id unlike that of any other
/// @param messageId in its registry, such as `Portcullis.1.0.FaultRefused`
/// @param severity `OK`, `Warning` or `Critical`
/// @param text for people
/// @param arguments of the message
/// @param origin address of what it is about; empty if nobody said
/// @param event that it tells; none if it is a test
record Notice(
    String id,
    Instant time,
    String messageId,
    String severity,
    String text,
    List<String> arguments,
    String origin,
    Optional<Event> event) {
  /// What events are about.
  static final List<String> RESOURCE_TYPES = List.of("ComputerSystem", "Manager");

  static Notice of(Event event) {
    return new Notice(
        event.id(),
        event.time(),
        Registry.messageId(event.type()),
        EventLog.severity(event.severity()),
        event.text(),
        List.of(event.text()),
        event
            .subject()
            .partition()
            .map(name -> Systems.PATH + "/" + Resource.encoded(name))
            .orElse(Lvmm.PATH),
        Optional.of(event));
  }

  String registryPrefix() {
    return messageId.substring(0, Math.max(0, messageId.indexOf('.')));
  }

  String resourceType() {
    if (origin.startsWith(Systems.PATH + "/")) {
      return RESOURCE_TYPES.getFirst();
    }
    return origin.equals(Lvmm.PATH) ? RESOURCE_TYPES.getLast() : "";
  }

  /// An Event of Redfish.
  ///
  /// @param number of it for whoever gets it
  /// @param context what they called it
  Map<String, Object> body(long number, String context) {
    Map<String, Object> one =
        map(
            "MemberId", "0",
            "EventId", id,
            "EventTimestamp", time.toString(),
            "Severity", severity,
            "MessageSeverity", severity,
            "Message", text,
            "MessageId", messageId,
            "MessageArgs", arguments);
    if (!origin.isEmpty()) {
      one.put("OriginOfCondition", link(origin));
    }
    event.ifPresent(told -> one.put("Oem", EventLog.oem(told)));
    return map(
        "@odata.type",
        "#Event.v1_7_0.Event",
        "Id",
        Long.toString(number),
        "Name",
        "Event",
        "Context",
        context,
        "Events@odata.count",
        1,
        "Events",
        List.of(one));
  }
}
