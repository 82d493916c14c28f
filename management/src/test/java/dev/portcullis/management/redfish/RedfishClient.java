package dev.portcullis.management.redfish;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A client that knows nothing but HTTPS, JSON, and whom it trusts.
final class RedfishClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient http;
  private final String base;
  private String token = "";

  /// @param certificates folder with the service's own certificate
  RedfishClient(InetSocketAddress address, Path certificates) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    char[] password =
        Files.readString(certificates.resolve("service.password")).strip().toCharArray();
    KeyStore own = KeyStore.getInstance(certificates.resolve("service.p12").toFile(), password);
    trusted.load(null, null);
    trusted.setCertificateEntry("service", own.getCertificate("service"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    http = HttpClient.newBuilder().sslContext(context).build();
    base = "https://127.0.0.1:" + address.getPort();
  }

  /// What came.
  record Answer(HttpResponse<String> response) {
    int status() {
      return response.statusCode();
    }

    JsonNode json() {
      return JSON.readTree(response.body());
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    String message() {
      return json().at("/error/@Message.ExtendedInfo/0/MessageId").asString("");
    }
  }

  Answer send(String method, String path, String body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("X-Auth-Token", token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return new Answer(http.send(request.build(), BodyHandlers.ofString()));
  }

  Answer get(String path) throws Exception {
    return send("GET", path, "");
  }

  Answer post(String path, String body) throws Exception {
    return send("POST", path, body);
  }

  Answer logIn(String name, String password) throws Exception {
    token = "";
    Answer answer =
        post(
            "/redfish/v1/SessionService/Sessions",
            "{\"UserName\":\"%s\",\"Password\":\"%s\"}".formatted(name, password));
    token = answer.header("X-Auth-Token");
    return answer;
  }

  /// Everything that links lead to from the root, each read once.
  Set<String> walk() throws Exception {
    Set<String> seen = new TreeSet<>();
    Deque<String> ahead = new ArrayDeque<>();
    ahead.add("/redfish/v1");
    while (!ahead.isEmpty()) {
      String path = ahead.poll();
      if (seen.add(path)) {
        Answer answer = get(path);
        assertThat(answer.status()).as(path).isEqualTo(200);
        assertThat(answer.header("ETag")).as(path).isNotEmpty();
        JsonNode json = answer.json();
        assertThat(json.path("@odata.id").asString("")).isEqualTo(path);
        assertThat(json.path("@odata.type").asString("")).startsWith("#");
        assertThat(json.path("Name").asString("")).as(path).isNotEmpty();
        json.findValues("@odata.id").forEach(link -> ahead.add(link.asString("")));
      }
    }
    return seen;
  }

  @Override
  public void close() {
    http.close();
  }
}
