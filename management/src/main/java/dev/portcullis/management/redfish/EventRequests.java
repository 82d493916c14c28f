package dev.portcullis.management.redfish;

import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.account.Privilege;
import dev.portcullis.management.redfish.Delivery.State;
import dev.portcullis.management.redfish.Subscription.RetryPolicy;
import dev.portcullis.management.state.StateException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// Changes who is told of events. Administrators and operators subscribe; whoever has subscribed,
/// and administrators, change that and end it.
final class EventRequests {
  private static final String TEST = "EventService.SubmitTestEvent";
  private static final String RESUME = "EventDestination.ResumeSubscription";
  private static final String SUSPEND = "EventDestination.SuspendSubscription";
  private static final String CONTEXT = "Context";
  private static final String POLICY = "DeliveryRetryPolicy";
  private static final int MOST_CHARACTERS = 1024;

  /// As the schema of events has it.
  private static final String MESSAGE_ID = "[A-Za-z0-9]+(\\.[0-9]+){2}\\.[A-Za-z0-9.]+";

  private static final int MOST_ARGUMENTS = 16;

  private final EventService events;

  EventRequests(EventService events) {
    this.events = events;
  }

  /// Whether this changes something, or is a stream.
  boolean takes(Request request, List<String> at) {
    if (at.isEmpty() || !at.getFirst().equals("EventService")) {
      return false;
    }
    return request.path().equals(EventService.STREAM)
        || at.size() >= 2 && !Set.of("GET", "HEAD").contains(request.method());
  }

  /// Does it.
  ///
  /// @param at path below the root
  Reply answer(Request request, Caller caller, List<String> at) throws AccountException {
    if (request.path().equals(EventService.STREAM)) {
      return request.method().equals("GET")
          ? stream(request)
          : Reply.notAllowed(request.method(), "GET");
    }
    try {
      return change(request, caller, at);
    } catch (IllegalArgumentException e) {
      return Reply.refusal(400, "PropertyValueError", e.getMessage());
    } catch (StateException e) {
      throw new AccountException(e.getMessage(), e);
    }
  }

  private Reply stream(Request request) {
    try {
      String last = request.header("Last-Event-ID");
      Optional<Long> after =
          last != null && last.matches("[0-9]{1,18}")
              ? Optional.of(Long.parseLong(last))
              : Optional.empty();
      return events.stream(filter(request.query()), after)
          .map(stream -> new Reply(200, stream, Map.of("Content-Type", "text/event-stream")))
          .orElseGet(() ->
              Reply.refusal(503, "ServiceTemporarilyUnavailable", "There are too many streams."));
    } catch (IllegalArgumentException e) {
      return Reply.refusal(400, "QueryParameterValueFormatError", e.getMessage());
    }
  }

  private static String filter(String query) {
    if (query != null) {
      for (String part : query.split("&", 16)) {
        String plain = URLDecoder.decode(part, StandardCharsets.UTF_8);
        if (plain.startsWith("$filter=")) {
          return plain.substring("$filter=".length());
        }
      }
    }
    return "";
  }

  private Reply change(Request request, Caller caller, List<String> at) throws StateException {
    boolean isCollection = at.size() == 2 && at.get(1).equals("Subscriptions");
    boolean isTest = at.size() == 3 && at.get(1).equals("Actions") && at.get(2).equals(TEST);
    boolean isAction =
        at.size() == 5
            && at.get(3).equals("Actions")
            && List.of(RESUME, SUSPEND).contains(at.get(4));
    if (isCollection || isTest) {
      return !request.method().equals("POST")
          ? Reply.notAllowed(request.method(), isTest ? "POST" : "GET, HEAD, POST")
          : isTest ? test(request, caller) : subscribe(request, caller);
    }
    if (!at.get(1).equals("Subscriptions") || at.size() != 3 && !isAction) {
      return Reply.missing(request.path());
    }
    Optional<Resource> found = events.find(at.subList(1, 3));
    if (found.isEmpty()) {
      return Reply.missing(request.path());
    }
    Optional<Subscription> subscription = events.subscription(at.get(2));
    boolean isOwn =
        subscription.filter(one -> one.owner().equals(caller.account().name())).isPresent();
    Privilege needed = isOwn ? Privilege.CONFIGURE_SELF : Privilege.CONFIGURE_MANAGER;
    if (!caller.may(needed)) {
      return Reply.forbidden(needed.word());
    }
    return change(request, at, found.get(), subscription);
  }

  private Reply change(
      Request request, List<String> at, Resource found, Optional<Subscription> subscription)
      throws StateException {
    String id = at.get(2);
    if (at.size() == 5) {
      if (!request.method().equals("POST")) {
        return Reply.notAllowed(request.method(), "POST");
      }
      events.set(id, at.get(4).equals(RESUME) ? State.ACTIVE : State.SUSPENDED);
      return Reply.noContent();
    }
    if (!Set.of("PATCH", "DELETE").contains(request.method())) {
      return Reply.notAllowed(request.method(), "GET, HEAD, PATCH, DELETE");
    }
    if (Requests.isStale(request, found)) {
      return Requests.stale();
    }
    if (request.method().equals("DELETE")) {
      events.remove(id);
      return Reply.noContent();
    }
    return subscription.isEmpty()
        ? Reply.notAllowed("PATCH", "GET, HEAD, DELETE")
        : change(request, id, subscription.get());
  }

  private Reply change(Request request, String id, Subscription subscription)
      throws StateException {
    Optional<JsonNode> body = request.json();
    if (body.isEmpty()) {
      return Reply.malformed("The body is no JSON object.");
    }
    for (String name : body.get().propertyNames()) {
      if (!name.equals(CONTEXT) && !name.equals(POLICY)) {
        return Reply.refusal(
            400, "PropertyNotWritable", "Context and DeliveryRetryPolicy can be written here.");
      }
    }
    events.change(
        id,
        subscription.with(
            text(body.get(), CONTEXT, Subscription.MOST_CHARACTERS),
            text(body.get(), POLICY, Subscription.MOST_CHARACTERS).map(RetryPolicy::of)));
    return events.find(List.of("Subscriptions", id)).map(Reply::of).orElseGet(Reply::noContent);
  }

  private static Optional<String> text(JsonNode body, String name, int most) {
    if (!body.has(name)) {
      return Optional.empty();
    }
    JsonNode value = body.path(name);
    if (!value.isString() || value.asString().length() > most) {
      throw new IllegalArgumentException(
          "%s is a string of at most %d characters.".formatted(name, most));
    }
    return Optional.of(value.asString());
  }

  private Reply subscribe(Request request, Caller caller) throws StateException {
    if (!caller.may(Privilege.CONFIGURE_MANAGER) && !caller.may(Privilege.CONFIGURE_COMPONENTS)) {
      return Reply.forbidden(Privilege.CONFIGURE_COMPONENTS.word());
    }
    Optional<JsonNode> body = request.json();
    if (body.isEmpty()) {
      return Reply.malformed("The body is no JSON object.");
    }
    for (String name : List.of("Destination", "Protocol")) {
      if (!body.get().has(name)) {
        return Reply.refusal(400, "CreateFailedMissingReqProperties", name + " is needed.");
      }
    }
    Optional<Resource> made = events.add(Subscription.of(body.get(), caller.account().name()));
    return made.isPresent()
        ? new Reply(201, made.get().body(), Map.of("Location", made.get().path()))
        : Reply.refusal(409, "CreateLimitReachedForResource", "There are too many subscriptions.");
  }

  private Reply test(Request request, Caller caller) {
    if (!caller.may(Privilege.CONFIGURE_MANAGER)) {
      return Reply.forbidden(Privilege.CONFIGURE_MANAGER.word());
    }
    Optional<JsonNode> json = request.json();
    if (json.isEmpty()) {
      return Reply.malformed("The body is no JSON object.");
    }
    JsonNode body = json.get();
    Optional<String> messageId = text(body, "MessageId", MOST_CHARACTERS);
    if (messageId.isEmpty()) {
      return Reply.refusal(400, "ActionParameterMissing", "MessageId is needed.");
    }
    if (!messageId.get().matches(MESSAGE_ID)) {
      throw new IllegalArgumentException("MessageId is such as Portcullis.1.0.FaultRefused.");
    }
    events.tell(
        new Notice(
            text(body, "EventId", MOST_CHARACTERS).orElseGet(() -> UUID.randomUUID().toString()),
            text(body, "EventTimestamp", MOST_CHARACTERS)
                .map(EventRequests::time)
                .orElseGet(Instant::now),
            messageId.get(),
            severity(body),
            text(body, "Message", MOST_CHARACTERS).orElse("A test."),
            arguments(body.path("MessageArgs")),
            text(body, "OriginOfCondition", MOST_CHARACTERS).orElse(""),
            Optional.empty()));
    return Reply.noContent();
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("EventTimestamp is a time.", e);
    }
  }

  private static String severity(JsonNode body) {
    String severity =
        text(body, "MessageSeverity", MOST_CHARACTERS)
            .or(() -> text(body, "Severity", MOST_CHARACTERS))
            .orElse("OK");
    if (!List.of("OK", "Warning", "Critical").contains(severity)) {
      throw new IllegalArgumentException("MessageSeverity is OK, Warning or Critical.");
    }
    return severity;
  }

  private static List<String> arguments(JsonNode list) {
    List<String> all = new ArrayList<>();
    for (JsonNode one : list) {
      String text = one.asString("");
      if (all.size() == MOST_ARGUMENTS || text.length() > MOST_CHARACTERS) {
        throw new IllegalArgumentException(
            "MessageArgs are at most %d strings of at most %d characters."
                .formatted(MOST_ARGUMENTS, MOST_CHARACTERS));
      }
      all.add(text);
    }
    return all;
  }
}
