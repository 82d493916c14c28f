package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.TestSite.PASSWORD;
import static dev.portcullis.management.redfish.TestSite.USER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.EventCollector;
import dev.portcullis.management.redfish.Listener.Got;
import dev.portcullis.management.redfish.RedfishClient.Answer;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Listeners are told of events over HTTPS, and hold up nobody.
@Timeout(120)
class RedfishEventsTest {
  private static final String SUBSCRIPTIONS = "/redfish/v1/EventService/Subscriptions";
  private static final String STREAM = "/redfish/v1/EventService/SSE";
  private static final String TROUBLE = ",\"MessageIds\":[\"PlatformTrouble\"]";
  private static final String RESET = USER + "/Actions/ComputerSystem.Reset";

  @TempDir private Path folder;
  private Listener listener;
  private TestSite site;
  private RedfishClient client;

  @BeforeEach
  void start() throws Exception {
    Path own = Files.createDirectory(folder.resolve("listener"));
    listener = new Listener(own);
    TestSite.make(folder);
    begin(0);
  }

  private void begin(int attempts) throws Exception {
    site =
        TestSite.start(
            folder,
            """
              listeners:
                trust: listener/listener.pem
                attempts: %d
                pause-seconds: 1
                patience-seconds: 1
            """
                .formatted(attempts));
    client = site.client("operator");
  }

  @AfterEach
  void stop() {
    site.close();
    listener.close();
  }

  /// @param more properties, each behind a comma
  private Answer subscribe(String more) throws Exception {
    return client.post(
        SUBSCRIPTIONS,
        "{\"Destination\":\"%s\",\"Protocol\":\"Redfish\"%s}".formatted(listener.address(), more));
  }

  private void pause() throws Exception {
    assertThat(client.post(RESET, "{\"ResetType\":\"Pause\"}").status()).isEqualTo(204);
  }

  private void publish(Severity severity, Subject subject, String text) {
    site.platform().events().publish(EventType.PLATFORM_TROUBLE, severity, subject, text, Map.of());
  }

  private static boolean says(Got got, String text) {
    return got.event().path("Message").asString("").contains(text);
  }

  private String state(String path) {
    try {
      return client.get(path).json().at("/Status/State").asString("gone");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whoHasSubscribedIsTold() throws Exception {
    Answer made =
        subscribe(",\"Context\":\"mine\",\"HttpHeaders\":[{\"Authorization\":\"Bearer secret\"}]");
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.body()).doesNotContain("secret");
    pause();

    Got got = listener.await(one -> says(one, "user is paused"));
    assertThat(got.body().path("Context").asString("")).isEqualTo("mine");
    assertThat(got.body().path("@odata.type").asString("")).startsWith("#Event.");
    assertThat(got.event().path("MessageId").asString(""))
        .isEqualTo("Portcullis.1.0.PartitionState");
    assertThat(registry("PartitionState").path("NumberOfArgs").asInt(0)).isEqualTo(1);
    assertThat(got.event().path("MessageArgs").get(0).asString(""))
        .isEqualTo(got.event().path("Message").asString("?"));
    assertThat(got.event().at("/OriginOfCondition/@odata.id").asString("")).isEqualTo(USER);
    assertThat(got.headers().get("Authorization")).containsExactly("Bearer secret");
    Answer shown = client.get(made.header("Location"));
    assertThat(shown.body()).doesNotContain("secret").contains("mine");
    EventCollector.await("it counts", () -> delivered(made.header("Location")) > 0);
    assertThat(site.client("admin").walk()).contains(made.header("Location"));
  }

  /// What the registry says of a message.
  private JsonNode registry(String key) throws Exception {
    String file =
        client
            .get("/redfish/v1/Registries/Portcullis.1.0")
            .json()
            .at("/Location/0/Uri")
            .asString("");
    return client.get(file).json().path("Messages").path(key);
  }

  private long delivered(String path) {
    try {
      return client.get(path).json().at("/Oem/Portcullis/Delivered").asLong(0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void onlyWhatIsWantedIsSent() throws Exception {
    subscribe(",\"Severities\":[\"Critical\"],\"ResourceTypes\":[\"ComputerSystem\"]");
    publish(Severity.ERROR, Subject.PLATFORM, "of the platform");
    publish(Severity.NOTICE, Subject.ofPartition("user"), "not bad");
    publish(Severity.ERROR, Subject.ofPartition("user"), "bad");
    Got first = listener.await(got -> true);
    assertThat(says(first, "bad") && !says(first, "not bad")).isTrue();
  }

  @Test
  void subscriptionsOutliveTheService() throws Exception {
    String path = subscribe(",\"Context\":\"kept\"").header("Location");
    site.close();
    begin(0);
    assertThat(client.get(path).json().path("Context").asString("")).isEqualTo("kept");
    publish(Severity.ERROR, Subject.PLATFORM, "after all that");
    assertThat(
            listener.await(got -> says(got, "after all that")).body().path("Context").asString(""))
        .isEqualTo("kept");
    String other = subscribe("").header("Location");
    assertThat(other).isNotEqualTo(path);
    assertThat(client.send("DELETE", path, "").status()).isEqualTo(204);
    site.close();
    begin(0);
    assertThat(client.get(path).status()).isEqualTo(404);
    assertThat(client.get(other).status()).isEqualTo(200);
  }

  @Test
  void aListenerThatHangsHoldsUpNobody() throws Exception {
    try (Listener other = new Listener(Files.createDirectory(folder.resolve("other")))) {
      Files.writeString(
          folder.resolve("listener/listener.pem"),
          Files.readString(folder.resolve("other/listener.pem")),
          java.nio.file.StandardOpenOption.APPEND);
      site.close();
      begin(0);
      other.hang();
      String hanging =
          client
              .post(
                  SUBSCRIPTIONS,
                  "{\"Destination\":\"%s\",\"Protocol\":\"Redfish\"}".formatted(other.address()))
              .header("Location");
      String well = subscribe(",\"Severities\":[\"Critical\"]").header("Location");
      for (int i = 0; i < 3 * Feed.CAPACITY; i++) {
        publish(Severity.INFORMATIONAL, Subject.PLATFORM, "one of many");
      }
      EventCollector.await("nothing waits any more", this::isTold);
      publish(Severity.ERROR, Subject.PLATFORM, "the last");
      listener.await(got -> says(got, "the last"));
      pause();
      EventCollector.await("it is suspended", () -> state(hanging).equals("Disabled"));
      assertThat(state(well)).isEqualTo("Enabled");
      site.events().await(EventType.EVENTS_LOST, event -> event.text().contains("does not answer"));
      assertThat(other.got().size()).as("nothing more once it is suspended").isEqualTo(1);
    }
  }

  private boolean isTold() {
    return site.platform().events().status().stream().allMatch(sink -> sink.waiting() == 0);
  }

  @Test
  void whatFailsIsTriedAgainAndThenItsPolicyHolds() throws Exception {
    site.close();
    begin(1);
    listener.answer(500);
    String path =
        subscribe(TROUBLE + ",\"DeliveryRetryPolicy\":\"TerminateAfterRetries\"")
            .header("Location");
    publish(Severity.ERROR, Subject.PLATFORM, "try this");
    listener.await(got -> says(got, "try this"));
    listener.await(got -> says(got, "try this"));
    EventCollector.await("it has ended", () -> state(path).equals("gone"));

    String other = subscribe(TROUBLE).header("Location");
    publish(Severity.ERROR, Subject.PLATFORM, "and this");
    EventCollector.await("it is suspended", () -> state(other).equals("Disabled"));
    listener.answer(204);
    assertThat(
            client
                .send(
                    "PATCH", other, "{\"DeliveryRetryPolicy\":\"RetryForever\",\"Context\":\"c\"}")
                .status())
        .isEqualTo(200);
    String resume = other + "/Actions/EventDestination.ResumeSubscription";
    assertThat(client.post(resume, "{}").status()).isEqualTo(204);
    publish(Severity.ERROR, Subject.PLATFORM, "once more");
    listener.await(got -> says(got, "once more"));
    assertThat(state(other)).isEqualTo("Enabled");

    listener.answer(503);
    publish(Severity.ERROR, Subject.PLATFORM, "on and on");
    for (int i = 0; i < 3; i++) {
      listener.await(got -> says(got, "on and on"));
    }
    listener.answer(204);
    publish(Severity.ERROR, Subject.PLATFORM, "at last");
    listener.await(got -> says(got, "at last"));
  }

  @Test
  void aListenerThatNobodyVouchesForIsToldNothing() throws Exception {
    try (Listener stranger = new Listener(Files.createDirectory(folder.resolve("stranger")))) {
      String path =
          client
              .post(
                  SUBSCRIPTIONS,
                  "{\"Destination\":\"%s\",\"Protocol\":\"Redfish\"}".formatted(stranger.address()))
              .header("Location");
      publish(Severity.ERROR, Subject.PLATFORM, "a secret");
      EventCollector.await("it is suspended", () -> state(path).equals("Disabled"));
      assertThat(stranger.got()).isEmpty();
    }
  }

  @Test
  void rolesAreHeld() throws Exception {
    String operators = subscribe("").header("Location");
    RedfishClient reader = site.client("reader");
    RedfishClient admin = site.client("admin");
    String test = "/redfish/v1/EventService/Actions/EventService.SubmitTestEvent";
    String body =
        "{\"MessageId\":\"Test.1.0.Test\",\"Message\":\"hello\",\"Severity\":\"Warning\"}";
    assertThat(
            reader
                .post(SUBSCRIPTIONS, "{\"Destination\":\"https://h/\",\"Protocol\":\"Redfish\"}")
                .status())
        .isEqualTo(403);
    assertThat(reader.get(operators).status()).isEqualTo(200);
    assertThat(reader.send("DELETE", operators, "").status()).isEqualTo(403);
    assertThat(client.post(test, body).status()).isEqualTo(403);
    assertThat(admin.post(test, "{}").status()).isEqualTo(400);
    assertThat(admin.post(test, body.replace("Test.1.0.Test", "a_b")).status()).isEqualTo(400);
    assertThat(admin.post(test, body.replace("Warning", "Odd")).status()).isEqualTo(400);
    assertThat(admin.post(test, body).status()).isEqualTo(204);
    Got got = listener.await(one -> says(one, "hello"));
    assertThat(got.event().path("MessageId").asString("")).isEqualTo("Test.1.0.Test");
    assertThat(got.event().path("MessageSeverity").asString("")).isEqualTo("Warning");
    assertThat(site.platform().latestEvents().latest())
        .as("it is no event of the platform's")
        .noneMatch(event -> event.text().equals("hello"));
    site.events().await(EventType.REMOTE_ACTION, event -> event.text().contains("SubmitTestEvent"));
    assertThat(admin.send("DELETE", operators, "").status()).isEqualTo(204);
  }

  @Test
  void whatMakesNoSenseIsRefused() throws Exception {
    for (String destination :
        List.of(
            "http://localhost/",
            "localhost",
            "https:///x",
            "https://u:p@localhost/",
            "https://localhost/ x",
            "file:///etc/passwd",
            "https://" + "x".repeat(1024))) {
      String body = "{\"Destination\":\"%s\",\"Protocol\":\"Redfish\"}".formatted(destination);
      assertThat(client.post(SUBSCRIPTIONS, body).status()).as(destination).isEqualTo(400);
    }
    for (String more :
        List.of(
            ",\"Context\":7",
            ",\"Context\":\"%s\"".formatted("x".repeat(257)),
            ",\"Severities\":[\"Awful\"]",
            ",\"Severities\":\"OK\"",
            ",\"MessageIds\":[7]",
            ",\"ResourceTypes\":[%s\"x\"]".formatted("\"x\",".repeat(16)),
            ",\"DeliveryRetryPolicy\":\"Never\"",
            ",\"SubscriptionType\":\"SSE\"",
            ",\"EventFormatType\":\"MetricReport\"",
            ",\"VerifyCertificate\":false",
            ",\"HttpHeaders\":[{\"Host\":\"elsewhere\"}]",
            ",\"HttpHeaders\":[{\"X\":\"a\\r\\nb: c\"}]",
            ",\"HttpHeaders\":[7]",
            ",\"Colour\":\"red\"")) {
      assertThat(subscribe(more).status()).as(more).isEqualTo(400);
    }
    assertThat(client.post(SUBSCRIPTIONS, "[").status()).isEqualTo(400);
    assertThat(client.post(SUBSCRIPTIONS, "{}").status()).isEqualTo(400);
    assertThat(client.post(SUBSCRIPTIONS, "x".repeat(Request.MOST_BODY + 1)).status())
        .isEqualTo(413);
    assertThat(client.send("PUT", SUBSCRIPTIONS, "{}").status()).isEqualTo(405);
    assertThat(client.send("DELETE", SUBSCRIPTIONS + "/7", "").status()).isEqualTo(404);
    assertThat(client.send("POST", "/redfish/v1/EventService", "{}").status()).isEqualTo(405);
    assertThat(client.get(SUBSCRIPTIONS).json().path("Members")).isEmpty();
    for (int i = 0; i < EventService.MOST; i++) {
      assertThat(subscribe("").status()).isEqualTo(201);
    }
    assertThat(subscribe("").status()).isEqualTo(409);
  }

  /// A stream of events.
  private record Stream(HttpResponse<java.io.InputStream> answer, BufferedReader lines)
      implements AutoCloseable {
    /// The next event, and its number.
    Map.Entry<Long, JsonNode> next() throws IOException {
      long number = 0;
      String line = lines.readLine();
      while (!line.startsWith("data: ")) {
        if (line.startsWith("id: ")) {
          number = Long.parseLong(line.substring("id: ".length()));
        }
        line = lines.readLine();
      }
      return Map.entry(
          number,
          tools.jackson.databind.json.JsonMapper.builder()
              .build()
              .readTree(line.substring("data: ".length())));
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  private Stream stream(HttpClient http, String query, String... headers) throws Exception {
    int port = site.services().redfish().orElseThrow().address().getPort();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("https://localhost:%d%s%s".formatted(port, STREAM, query)))
            .header(
                "Authorization",
                "Basic "
                    + java.util.Base64.getEncoder()
                        .encodeToString(("reader:" + PASSWORD).getBytes(StandardCharsets.UTF_8)));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<java.io.InputStream> answer =
        http.send(request.build(), BodyHandlers.ofInputStream());
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    if (answer.statusCode() == 200) {
      assertThat(lines.readLine()).startsWith("retry: ");
    }
    return new Stream(answer, lines);
  }

  private static String message(Map.Entry<Long, JsonNode> event) {
    return event.getValue().at("/Events/0/Message").asString("");
  }

  @Test
  void aStreamGoesOnWhereItWasLeft() throws Exception {
    // Closing would wait for streams that nobody reads, for ever if a check fails.
    HttpClient http = HttpClient.newBuilder().sslContext(client.context()).build();
    try {
      String filter = "?$filter=MessageId%20eq%20'Portcullis.PlatformTrouble'";
      long number;
      try (Stream stream = stream(http, filter)) {
        assertThat(stream.answer().headers().firstValue("Content-Type"))
            .contains("text/event-stream");
        publish(Severity.ERROR, Subject.PLATFORM, "one");
        publish(Severity.ERROR, Subject.PLATFORM, "two");
        Map.Entry<Long, JsonNode> one = stream.next();
        assertThat(message(one)).isEqualTo("one");
        assertThat(message(stream.next())).isEqualTo("two");
        number = one.getKey();
        JsonNode members = client.get(SUBSCRIPTIONS).json().path("Members");
        assertThat(members).hasSize(1);
        assertThat(client.get(members.get(0).path("@odata.id").asString("")).body())
            .contains("SSE");
      }
      try (Stream stream = stream(http, filter, "Last-Event-ID", Long.toString(number))) {
        assertThat(message(stream.next())).isEqualTo("two");
      }
    } finally {
      http.shutdownNow();
    }
  }

  @Test
  void anAdministratorEndsAStreamAndThereAreNotTooMany() throws Exception {
    // Closing would wait for streams that nobody reads, for ever if a check fails.
    HttpClient http = HttpClient.newBuilder().sslContext(client.context()).build();
    try {
      assertThat(stream(http, "?$filter=Colour%20eq%20red").answer().statusCode()).isEqualTo(400);
      assertThat(client.send("POST", STREAM, "").status()).isEqualTo(405);
      List<Stream> all = new ArrayList<>();
      for (int i = 0; i < EventService.MOST_STREAMS; i++) {
        all.add(stream(http, ""));
        assertThat(all.getLast().answer().statusCode()).isEqualTo(200);
      }
      assertThat(stream(http, "").answer().statusCode()).isEqualTo(503);
      assertThat(client.get(USER).status()).as("others are answered all the same").isEqualTo(200);
      String first = client.get(SUBSCRIPTIONS).json().at("/Members/0/@odata.id").asString("");
      RedfishClient admin = site.client("admin");
      assertThat(client.send("DELETE", first, "").status()).isEqualTo(403);
      assertThat(admin.send("DELETE", first, "").status()).isEqualTo(204);
      String line = all.getFirst().lines().readLine();
      while (line != null) {
        line = all.getFirst().lines().readLine();
      }
      EventCollector.await("it is gone", () -> state(first).equals("gone"));
    } finally {
      http.shutdownNow();
    }
  }

  @Test
  void clearingALogClearsWhatIsShownAndNoMore() throws Exception {
    RedfishClient admin = site.client("admin");
    String log = "/redfish/v1/Managers/Lvmm/LogServices/Events";
    String clear = admin.get(log).json().at("/Actions/#LogService.ClearLog/target").asString("");
    String own = USER + "/LogServices/Events";
    long before = admin.get(own + "/Entries").json().path("Members@odata.count").asLong(0);
    assertThat(before).isPositive();
    assertThat(client.post(clear, "{}").status()).as("an operator").isEqualTo(403);
    assertThat(admin.get(clear).status()).isEqualTo(405);
    assertThat(admin.get(log + "/Entries").body()).contains("the platform starts");
    int kept = site.platform().latestEvents().latest().size();

    assertThat(admin.post(clear, "{}").status()).isEqualTo(204);

    assertThat(admin.get(log + "/Entries").body()).doesNotContain("the platform starts");
    EventCollector.await(
        "it stands there who it was", () -> body(admin, log).contains("admin asked for ClearLog"));
    assertThat(site.platform().latestEvents().latest()).hasSizeGreaterThanOrEqualTo(kept);
    assertThat(admin.get(own + "/Entries").json().path("Members@odata.count").asLong(0))
        .as("another view of it")
        .isGreaterThanOrEqualTo(before);
    assertThat(admin.post(own + "/Actions/LogService.ClearLog", "{}").status()).isEqualTo(204);
    assertThat(admin.get(own + "/Entries").json().path("Members@odata.count").asLong(-1)).isZero();
    assertThat(
            admin
                .post(
                    "/redfish/v1/Systems/nobody/LogServices/Events/Actions/LogService.ClearLog",
                    "{}")
                .status())
        .isEqualTo(404);
  }

  private static String body(RedfishClient client, String log) {
    try {
      return client.get(log + "/Entries").body();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
