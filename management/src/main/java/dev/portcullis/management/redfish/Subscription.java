package dev.portcullis.management.redfish;

import dev.portcullis.management.redfish.EventFilter.Property;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Where somebody wants events to be sent, and which.
///
/// @param destination `https`
/// @param context what they call it
/// @param wanted values of properties, any of which an event is to have; empty for all
/// @param headers for each request
/// @param owner account that made it
record Subscription(
    URI destination,
    String context,
    Map<Property, List<String>> wanted,
    Map<String, String> headers,
    RetryPolicy policy,
    String owner) {
  static final int MOST_CHARACTERS = 256;
  private static final int MOST_DESTINATION = 1024;
  private static final int MOST_VALUES = 16;
  private static final int MOST_HEADERS = 8;
  private static final Set<String> LISTS =
      Set.of("RegistryPrefixes", "ResourceTypes", "MessageIds", "Severities");
  private static final Map<String, String> FIXED =
      Map.of(
          "Protocol", "Redfish",
          "SubscriptionType", "RedfishEvent",
          "EventFormatType", "Event");
  private static final Set<String> KNOWN =
      Set.of("Destination", "Context", "HttpHeaders", "DeliveryRetryPolicy", "VerifyCertificate");

  /// What becomes of events that do not arrive.
  enum RetryPolicy {
    /// The subscription ends.
    TERMINATE("TerminateAfterRetries"),
    /// Nothing is sent until somebody says so.
    SUSPEND("SuspendRetries"),
    /// It is tried on and on.
    FOREVER("RetryForever");

    private final String word;

    RetryPolicy(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }

    static List<String> words() {
      return Arrays.stream(values()).map(RetryPolicy::word).toList();
    }

    /// @throws IllegalArgumentException if there is none
    static RetryPolicy of(String word) {
      return Arrays.stream(values())
          .filter(one -> one.word.equals(word))
          .findFirst()
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "DeliveryRetryPolicy is one of " + String.join(", ", words()) + "."));
    }
  }

  /// What a request says, or what is kept.
  ///
  /// @throws IllegalArgumentException with what is wrong with it
  static Subscription of(JsonNode body, String owner) {
    for (String name : body.propertyNames()) {
      if (!LISTS.contains(name) && !KNOWN.contains(name) && !FIXED.containsKey(name)) {
        throw new IllegalArgumentException(
            "\"" + bounded(name) + "\" cannot be written of a subscription.");
      }
    }
    FIXED.forEach((name, value) -> {
      if (!value.equals(body.path(name).asString(name.equals("Protocol") ? "" : value))) {
        throw new IllegalArgumentException(name + " is " + value + ".");
      }
    });
    if (body.has("VerifyCertificate") && !body.path("VerifyCertificate").asBoolean(false)) {
      throw new IllegalArgumentException("VerifyCertificate is true.");
    }
    Map<Property, List<String>> wanted = new EnumMap<>(Property.class);
    for (Property property : Property.values()) {
      if (body.has(property.list())) {
        wanted.put(property, texts(body, property.list()));
      }
    }
    return new Subscription(
        destination(text(body, "Destination", MOST_DESTINATION)),
        body.has("Context") ? text(body, "Context", MOST_CHARACTERS) : "",
        wanted,
        headers(body.path("HttpHeaders")),
        body.has("DeliveryRetryPolicy")
            ? RetryPolicy.of(text(body, "DeliveryRetryPolicy", MOST_CHARACTERS))
            : RetryPolicy.SUSPEND,
        owner);
  }

  private static String bounded(String text) {
    return text.substring(0, Math.min(text.length(), 64));
  }

  private static String text(JsonNode body, String name, int most) {
    JsonNode value = body.path(name);
    if (!value.isString() || value.asString().length() > most) {
      throw new IllegalArgumentException(
          "%s is a string of at most %d characters.".formatted(name, most));
    }
    return value.asString();
  }

  private static URI destination(String text) {
    URI uri = URI.create(text);
    if (!"https".equals(uri.getScheme())
        || uri.getHost() == null
        || uri.getUserInfo() != null
        || uri.getFragment() != null) {
      throw new IllegalArgumentException("Destination is an https URI: https://host:port/path.");
    }
    return uri;
  }

  private static List<String> texts(JsonNode body, String name) {
    JsonNode list = body.path(name);
    List<String> values = new ArrayList<>();
    if (list.isArray() && list.size() <= MOST_VALUES) {
      for (JsonNode one : list) {
        if (one.isString() && one.asString().length() <= MOST_CHARACTERS) {
          values.add(one.asString());
        }
      }
    }
    if (!list.isArray() || values.size() != list.size()) {
      throw new IllegalArgumentException(
          "%s is a list of at most %d strings.".formatted(name, MOST_VALUES));
    }
    if (name.equals(Property.SEVERITY.list())
        && !List.of("OK", "Warning", "Critical").containsAll(values)) {
      throw new IllegalArgumentException("Severities are OK, Warning, Critical.");
    }
    return values;
  }

  private static Map<String, String> headers(JsonNode list) {
    Map<String, String> headers = new LinkedHashMap<>();
    if (list.isMissingNode()) {
      return headers;
    }
    if (!list.isArray() || list.size() > MOST_HEADERS) {
      throw new IllegalArgumentException(
          "HttpHeaders is a list of at most %d.".formatted(MOST_HEADERS));
    }
    HttpRequest.Builder trial = HttpRequest.newBuilder();
    for (JsonNode one : list) {
      if (!one.isObject()) {
        throw new IllegalArgumentException("HttpHeaders are objects.");
      }
      for (String name : one.propertyNames()) {
        String value = text(one, name, MOST_DESTINATION);
        // Refuses what is no header, and what is not for others to say.
        trial.header(name, value);
        headers.put(name, value);
      }
    }
    if (headers.size() > MOST_HEADERS) {
      throw new IllegalArgumentException(
          "HttpHeaders is a list of at most %d.".formatted(MOST_HEADERS));
    }
    return headers;
  }

  /// As [#of] reads it.
  Map<String, Object> body() {
    Map<String, Object> body = shown();
    body.put(
        "HttpHeaders",
        headers.entrySet().stream().map(one -> Map.of(one.getKey(), one.getValue())).toList());
    return body;
  }

  /// Without what is secret.
  Map<String, Object> shown() {
    Map<String, Object> body = new LinkedHashMap<>(FIXED);
    body.put("Destination", destination.toString());
    body.put("Context", context);
    wanted.forEach((property, values) -> body.put(property.list(), values));
    body.put("DeliveryRetryPolicy", policy.word());
    body.put("VerifyCertificate", true);
    return body;
  }

  /// The same, called otherwise, or otherwise about what does not arrive.
  Subscription with(Optional<String> otherContext, Optional<RetryPolicy> otherPolicy) {
    return new Subscription(
        destination,
        otherContext.orElse(context),
        wanted,
        headers,
        otherPolicy.orElse(policy),
        owner);
  }

  EventFilter filter() {
    EventFilter all = EventFilter.ALL;
    for (Map.Entry<Property, List<String>> one : wanted.entrySet()) {
      if (!one.getValue().isEmpty()) {
        all = all.and(EventFilter.oneOf(one.getKey(), one.getValue()));
      }
    }
    return all;
  }
}
