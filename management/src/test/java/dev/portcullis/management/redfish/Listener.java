package dev.portcullis.management.redfish;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.portcullis.management.account.ServiceCertificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Somebody who listens for events, over HTTPS with a certificate of its own.
final class Listener implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
  private final CountDownLatch hanging = new CountDownLatch(1);
  private volatile int status = 204;
  private volatile boolean hangs;

  /// What came.
  record Got(Map<String, java.util.List<String>> headers, JsonNode body) {
    JsonNode event() {
      return body.path("Events").get(0);
    }
  }

  /// @param folder where its certificate is; `listener.pem` there is what to trust
  Listener(Path folder) throws Exception {
    server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(ServiceCertificate.own(folder)));
    char[] password = Files.readString(folder.resolve("service.password")).strip().toCharArray();
    KeyStore own = KeyStore.getInstance(folder.resolve("service.p12").toFile(), password);
    byte[] certificate = own.getCertificate("service").getEncoded();
    Files.writeString(
        folder.resolve("listener.pem"),
        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
            .formatted(Base64.getMimeEncoder().encodeToString(certificate)));
    server.setExecutor(threads);
    server.createContext("/", this::take);
    server.start();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      got.add(
          new Got(
              Map.copyOf(exchange.getRequestHeaders()),
              JSON.readTree(new String(body, StandardCharsets.UTF_8))));
      if (hangs) {
        hanging.await();
      }
      exchange.sendResponseHeaders(status, -1);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  String address() {
    return "https://localhost:%d/events".formatted(server.getAddress().getPort());
  }

  void answer(int status) {
    this.status = status;
  }

  /// Takes what comes, and answers nothing any more.
  void hang() {
    hangs = true;
  }

  /// The next one that is so.
  Got await(Predicate<Got> wanted) throws InterruptedException {
    Got next = got.poll(30, TimeUnit.SECONDS);
    while (next != null && !wanted.test(next)) {
      next = got.poll(30, TimeUnit.SECONDS);
    }
    if (next == null) {
      throw new AssertionError("it never came");
    }
    return next;
  }

  /// What came and was not looked at yet.
  BlockingQueue<Got> got() {
    return got;
  }

  @Override
  public void close() {
    hanging.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
