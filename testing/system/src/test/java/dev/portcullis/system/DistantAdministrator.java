package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.recovery.RebuildProgress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Manages a platform from afar, as a client of its Redfish service: HTTPS, JSON, a name and a
/// password, and nothing else.
final class DistantAdministrator implements Administrator {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String SYSTEMS = "/redfish/v1/Systems/";
  private static final long POLL_MILLIS = 50;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final HttpClient client;
  private final String service;
  private final String token;
  private final Map<String, Told> events = new LinkedHashMap<>();

  /// Logs in.
  DistantAdministrator(InetSocketAddress address, SSLContext trust, String name, String password)
      throws Exception {
    client = HttpClient.newBuilder().sslContext(trust).connectTimeout(LIMIT).build();
    service = "https://localhost:" + address.getPort();
    HttpResponse<String> session =
        send(
            "POST",
            "/redfish/v1/SessionService/Sessions",
            JSON.writeValueAsString(Map.of("UserName", name, "Password", password)),
            "");
    assertThat(session.statusCode()).isEqualTo(201);
    token = session.headers().firstValue("X-Auth-Token").orElseThrow();
  }

  private HttpResponse<String> send(String method, String path, String body, String as)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(service + path))
            .timeout(LIMIT)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!as.isEmpty()) {
      request.header("X-Auth-Token", as);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private JsonNode get(String path) throws Exception {
    HttpResponse<String> answer = send("GET", path, "", token);
    assertThat(answer.statusCode()).as(path).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private HttpResponse<String> post(String path, Map<String, Object> body) throws Exception {
    HttpResponse<String> answer = send("POST", path, JSON.writeValueAsString(body), token);
    assertThat(answer.statusCode()).as(path + ": " + answer.body()).isBetween(200, 299);
    return answer;
  }

  private JsonNode system(String partition) throws Exception {
    return get(SYSTEMS + partition);
  }

  private JsonNode own(String partition) throws Exception {
    return system(partition).at("/Oem/Portcullis");
  }

  /// The address of an action, as the system itself says it.
  private String target(String partition, String action) throws Exception {
    JsonNode actions = system(partition).at("/Actions/Oem");
    return actions.path("#Portcullis." + action).path("target").asString();
  }

  @Override
  public String boot(String partition) throws Exception {
    return own(partition).at("/VerifiedBoot/Verdict").asString();
  }

  @Override
  public Decision decide(String partition, String verdict) throws Exception {
    long before = evaluations(partition);
    post(target(partition, "Reevaluate"), Map.of());
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      JsonNode access = own(partition).path("Access");
      String now = access.path("Verdict").asString("");
      if (evaluations(partition) > before && (verdict.equals(ANY) || verdict.equals(now))) {
        return new Decision(now, access.path("Rule").asString(""));
      }
      assertThat(System.nanoTime()).as("%s is %s", partition, access).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private long evaluations(String partition) throws Exception {
    String subject = "partition/" + partition;
    return events().stream()
        .filter(one -> one.type().equals("access.evaluation") && one.subject().equals(subject))
        .count();
  }

  @Override
  public String network(String partition) throws Exception {
    return own(partition).at("/Network/Level").asString();
  }

  @Override
  public String containment(String partition) throws Exception {
    return own(partition).at("/Containment/State").asString();
  }

  @Override
  public void contain(String partition, String trigger, String reason) throws Exception {
    post(target(partition, "Contain"), Map.of("Trigger", trigger, "Reason", reason));
  }

  @Override
  public void rebuild(String partition, RebuildProgress progress) throws Exception {
    HttpResponse<String> begun =
        post(
            "/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate",
            Map.of(
                "ImageURI",
                "portcullis:safe-image?data=keep",
                "Targets",
                List.of(SYSTEMS + partition)));
    String task = begun.headers().firstValue("Location").orElseThrow();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    JsonNode now = get(task);
    while (now.path("TaskState").asString().equals("Running")) {
      assertThat(System.nanoTime()).as(now.toString()).isLessThan(deadline);
      progress.report(
          now.at("/Messages/0/Message").asString(""), now.path("PercentComplete").asInt() / 100.0);
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      now = get(task);
    }
    assertThat(now.path("TaskState").asString()).as(now.toString()).isEqualTo("Completed");
  }

  /// All that the service has, and all that it had.
  @Override
  public List<Told> events() throws Exception {
    String next = "/redfish/v1/Managers/Lvmm/LogServices/Events/Entries";
    while (!next.isEmpty()) {
      JsonNode page = get(next);
      for (JsonNode entry : page.path("Members")) {
        JsonNode own = entry.at("/Oem/Portcullis");
        Map<String, String> data = new LinkedHashMap<>();
        own.path("Data")
            .properties()
            .forEach(one -> data.put(one.getKey(), one.getValue().asString("")));
        events.put(
            entry.path("EventId").asString(),
            new Told(entry.path("Name").asString(), own.path("Subject").asString(), data));
      }
      next = page.path("Members@odata.nextLink").asString("");
    }
    return new ArrayList<>(events.values());
  }
}
