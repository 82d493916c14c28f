package dev.portcullis.management.redfish;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A client that knows nothing but TLS, HTTP, JSON, and whom it trusts.
final class RedfishClient {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final SSLContext context;
  private final int port;
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
    context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    port = address.getPort();
  }

  /// Whom it trusts.
  SSLContext context() {
    return context;
  }

  /// What came.
  ///
  /// @param headers by their names in lower case
  record Answer(int status, Map<String, String> headers, String body) {
    JsonNode json() {
      return JSON.readTree(body);
    }

    String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    String message() {
      return json().at("/error/@Message.ExtendedInfo/0/MessageId").asString("");
    }
  }

  /// @param headers name, value, name, value
  Answer send(String method, String path, String body, String... headers) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder();
    head.append(
        "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".formatted(method, path));
    head.append("Content-Length: %d\r\n".formatted(bytes.length));
    if (!token.isEmpty()) {
      head.append("X-Auth-Token: %s\r\n".formatted(token));
    }
    for (int i = 0; i < headers.length; i += 2) {
      head.append("%s: %s\r\n".formatted(headers[i], headers[i + 1]));
    }
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("localhost", port)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      OutputStream out = socket.getOutputStream();
      out.write((head + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(bytes);
      out.flush();
      return answer(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static Answer answer(String text) {
    int end = text.indexOf("\r\n\r\n");
    String[] lines = text.substring(0, end).split("\r\n");
    Map<String, String> headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.put(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip());
    }
    return new Answer(Integer.parseInt(lines[0].split(" ")[1]), headers, text.substring(end + 4));
  }

  Answer get(String path) throws IOException {
    return send("GET", path, "");
  }

  Answer post(String path, String body) throws IOException {
    return send("POST", path, body);
  }

  Answer logIn(String name, String password) throws IOException {
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
}
