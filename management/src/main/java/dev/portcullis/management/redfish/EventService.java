package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.redfish.Delivery.State;
import dev.portcullis.management.redfish.EventFilter.Property;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.lang.System.Logger.Level;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Tells those of events who have subscribed: it sends them, or they come for a stream of them.
///
/// ```
///   bus ─▶ feed, the latest 1,000 ─┬─▶ delivery ─ HTTPS ─▶ listener
///                                  ├─▶ delivery ─ HTTPS ─▶ one that hangs
///                                  └─▶ stream  ◀─ GET ── whoever is logged in
/// ```
final class EventService implements AutoCloseable {
  static final String PATH = Services.ROOT + "/EventService";
  static final String SUBSCRIPTIONS = PATH + "/Subscriptions";
  static final String STREAM = PATH + "/SSE";
  static final String DESTINATION_TYPE = "#EventDestination.v1_13_0.EventDestination";

  /// How many subscriptions there may be.
  static final int MOST = 16;

  /// How many streams there may be.
  static final int MOST_STREAMS = 8;

  private static final System.Logger LOG = System.getLogger(EventService.class.getName());
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String KEY = "redfish.subscription.";
  private static final String OWNER = "Owner";

  private final RunningPlatform platform;
  private final StateStore state;
  private final ListenersDescription listeners;
  private final HttpClient client;
  private final Feed feed = new Feed();
  private final Map<String, Delivery> deliveries = new LinkedHashMap<>();
  private final Map<String, EventStream> streams = new LinkedHashMap<>();
  private long last;
  private long lastStream;

  private EventService(
      RunningPlatform platform,
      StateStore state,
      ListenersDescription listeners,
      SSLContext trusting) {
    this.platform = platform;
    this.state = state;
    this.listeners = listeners;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(listeners.patience())
            .sslContext(trusting)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
  }

  /// Goes on with the subscriptions that there were.
  ///
  /// @throws AccountException if the file of whom to trust cannot be used
  static EventService start(
      RunningPlatform platform, StateStore state, ListenersDescription listeners)
      throws AccountException {
    EventService service =
        new EventService(platform, state, listeners, Trust.context(listeners.trust()));
    service.load();
    platform.events().add(service.feed);
    return service;
  }

  private synchronized void load() {
    try {
      for (String key : state.keys(KEY)) {
        String id = key.substring(KEY.length());
        try {
          JsonNode kept = JSON.readTree(state.read(key).orElse("{}"));
          last = Math.max(last, Long.parseLong(id));
          begin(id, Subscription.of(kept.path("Body"), kept.path(OWNER).asString("")));
        } catch (StateException | JacksonException | IllegalArgumentException e) {
          LOG.log(Level.WARNING, "subscription %s is not there: %s".formatted(id, e.getMessage()));
        }
      }
    } catch (StateException e) {
      LOG.log(Level.WARNING, "subscriptions are not there: " + e.getMessage());
    }
  }

  private Delivery begin(String id, Subscription subscription) {
    Delivery delivery =
        new Delivery(
            id,
            subscription,
            client,
            feed,
            new Delivery.Limits(listeners.attempts(), listeners.pause(), listeners.patience()),
            this::gaveUp);
    deliveries.put(id, delivery);
    delivery.start();
    return delivery;
  }

  private void keep(String id, Subscription subscription) throws StateException {
    state.write(
        KEY + id,
        JSON.writeValueAsString(map(OWNER, subscription.owner(), "Body", subscription.body())));
  }

  /// Sends what is told from now on there, too.
  ///
  /// @return its address; nothing if there are too many
  synchronized Optional<Resource> add(Subscription subscription) throws StateException {
    if (deliveries.size() >= MOST) {
      return Optional.empty();
    }
    String id = Long.toString(++last);
    keep(id, subscription);
    begin(id, subscription);
    return shown(id);
  }

  /// The subscription that has this id, if it is one that is sent.
  synchronized Optional<Subscription> subscription(String id) {
    return Optional.ofNullable(deliveries.get(id)).map(Delivery::subscription);
  }

  /// Has one otherwise.
  synchronized void change(String id, Subscription other) throws StateException {
    Delivery delivery = deliveries.get(id);
    if (delivery != null) {
      keep(id, other);
      delivery.change(other);
    }
  }

  /// Has one go on, or do nothing for the time being.
  synchronized void set(String id, State wanted) {
    Optional.ofNullable(deliveries.get(id)).ifPresent(one -> one.set(wanted));
  }

  /// Ends one, or a stream.
  synchronized void remove(String id) throws StateException {
    state.forget(KEY + id);
    Delivery delivery = deliveries.remove(id);
    if (delivery != null) {
      delivery.end();
    }
    EventStream stream = streams.get(id);
    if (stream != null) {
      stream.end();
    }
  }

  private void gaveUp(String id, State now, String why) {
    boolean isEnded = now == State.ENDED;
    if (isEnded) {
      try {
        remove(id);
      } catch (StateException e) {
        LOG.log(Level.WARNING, "subscription %s comes again: %s".formatted(id, e.getMessage()));
      }
    }
    platform
        .events()
        .publish(
            EventType.EVENTS_LOST,
            Severity.WARNING,
            Subject.PLATFORM,
            "subscription %s %s: %s".formatted(id, isEnded ? "has ended" : "is suspended", why),
            Map.of("sink", "Redfish subscription " + id));
  }

  /// Tells subscribers alone.
  void tell(Notice notice) {
    feed.add(notice);
  }

  /// What is told from now on, or from where somebody has come to.
  ///
  /// @param after the number that they had last
  /// @return nothing if there are too many
  synchronized Optional<EventStream> stream(String filter, Optional<Long> after) {
    if (streams.size() >= MOST_STREAMS) {
      return Optional.empty();
    }
    String id = "sse-" + ++lastStream;
    long from = after.filter(one -> one >= 0 && one <= feed.last()).orElse(feed.last());
    EventFilter wanted = filter.isEmpty() ? EventFilter.ALL : EventFilter.parse(filter);
    EventStream stream = new EventStream(id, feed, filter, wanted, from, () -> forget(id));
    streams.put(id, stream);
    return Optional.of(stream);
  }

  private synchronized void forget(String stream) {
    streams.remove(stream);
  }

  /// @param at path below `EventService`
  synchronized Optional<Resource> find(List<String> at) {
    if (at.isEmpty()) {
      return Optional.of(service());
    }
    if (!at.getFirst().equals("Subscriptions") || at.size() > 2) {
      return Optional.empty();
    }
    if (at.size() == 2) {
      return shown(at.get(1));
    }
    List<String> ids = new ArrayList<>(deliveries.keySet());
    ids.addAll(streams.keySet());
    return Optional.of(
        Resource.collection(SUBSCRIPTIONS, "EventDestination", "Subscriptions", ids));
  }

  private Resource service() {
    Map<String, Object> filters = map("EventFormatType", false, "MetricReportDefinition", false);
    filters.put("SubordinateResources", false);
    Arrays.stream(Property.values())
        .filter(one -> one != Property.SEVERITY)
        .forEach(one -> filters.put(one.word(), true));
    return Resource.of(PATH, "#EventService.v1_9_0.EventService", "Events")
        .with("ServiceEnabled", true)
        .with("Status", Resource.OK)
        .with("DeliveryRetryAttempts", listeners.attempts())
        .with("DeliveryRetryIntervalSeconds", listeners.pause().toSeconds())
        .with("EventFormatTypes", List.of("Event"))
        .with("RegistryPrefixes", List.of(Registry.PREFIX))
        .with("ResourceTypes", Notice.RESOURCE_TYPES)
        .with("Severities", List.of("OK", "Warning", "Critical"))
        .with("SubordinateResourcesSupported", false)
        .with("IncludeOriginOfConditionSupported", false)
        .with("ServerSentEventUri", STREAM)
        .with("SSEFilterPropertiesSupported", filters)
        .below("Subscriptions")
        .with(
            "Actions",
            map(
                "#EventService.SubmitTestEvent",
                map("target", PATH + "/Actions/EventService.SubmitTestEvent")));
  }

  private Optional<Resource> shown(String id) {
    return Optional.ofNullable(deliveries.get(id))
        .map(one -> shown(id, one))
        .or(() -> Optional.ofNullable(streams.get(id)).map(EventStream::shown));
  }

  private static Resource shown(String id, Delivery delivery) {
    Delivery.Status status = delivery.status();
    String path = SUBSCRIPTIONS + "/" + id;
    Resource shown = Resource.of(path, DESTINATION_TYPE, "Subscription");
    delivery.subscription().shown().forEach(shown::with);
    return shown
        .with("HttpHeaders", List.of())
        .with(
            "Status",
            map(
                "State",
                status.state() == State.ACTIVE ? "Enabled" : "Disabled",
                "Health",
                status.trouble().isPresent() ? "Warning" : "OK"))
        .with(
            "Actions",
            map(
                "#EventDestination.ResumeSubscription",
                map("target", path + "/Actions/EventDestination.ResumeSubscription"),
                "#EventDestination.SuspendSubscription",
                map("target", path + "/Actions/EventDestination.SuspendSubscription")))
        .with(
            "Oem",
            Oem.of(
                "EventDestination",
                "Delivered",
                status.delivered(),
                "Lost",
                status.lost(),
                "Trouble",
                status.trouble().orElse(""),
                "Owner",
                delivery.subscription().owner()));
  }

  /// Ends; subscriptions go on with the next start.
  @Override
  public void close() {
    feed.close();
    synchronized (this) {
      deliveries.values().forEach(Delivery::end);
      streams.values().forEach(EventStream::end);
    }
    client.shutdownNow();
  }
}
