package dev.portcullis.management.redfish;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.portcullis.management.account.AccountException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// Requests and answers as HTTP has them.
final class Wire implements HttpHandler {
  private static final System.Logger LOG = System.getLogger(Wire.class.getName());
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int TAG_BYTES = 8;

  private final Requests requests;

  Wire(Requests requests) {
    this.requests = requests;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    boolean goesOn = false;
    try {
      goesOn = answer(exchange);
    } finally {
      if (!goesOn) {
        exchange.close();
      }
    }
  }

  /// @return whether somebody else goes on with the answer, and closes it
  private boolean answer(HttpExchange exchange) throws IOException {
    Optional<Request> request = Request.read(exchange);
    if (request.isEmpty()) {
      exchange.getResponseHeaders().set("Connection", "close");
      send(
          exchange,
          Reply.refusal(413, "PayloadTooLarge", "At most %d bytes.".formatted(Request.MOST_BODY)));
      return false;
    }
    Reply reply = answer(request.get());
    if (reply.body() instanceof EventStream stream) {
      begin(exchange, reply, stream);
      return true;
    }
    send(exchange, reply);
    return false;
  }

  private static void begin(HttpExchange exchange, Reply reply, EventStream stream)
      throws IOException {
    boolean begins = false;
    try {
      setHeaders(exchange.getResponseHeaders(), reply);
      // Nobody knows how long it gets.
      exchange.sendResponseHeaders(reply.status(), 0);
      begins = true;
    } finally {
      if (!begins) {
        stream.abandon();
      }
    }
    stream.start(exchange.getResponseBody(), exchange::close);
  }

  private Reply answer(Request request) {
    try {
      return requests.answer(request);
    } catch (AccountException e) {
      LOG.log(Level.WARNING, e.getMessage());
      return Reply.refusal(503, "ServiceTemporarilyUnavailable", "The service cannot answer now.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Reply.refusal(503, "ServiceShuttingDown", "The service ends.");
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "%s %s".formatted(request.method(), request.path()), e);
      return Reply.refusal(500, "InternalError", "The service has failed to answer this.");
    }
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    setHeaders(headers, reply);
    if (reply.body() == null) {
      headers.remove("Content-Type");
      exchange.sendResponseHeaders(reply.status(), -1);
      return;
    }
    if (reply.status() == 200) {
      String tag = etag(reply.body());
      headers.set("ETag", tag);
      if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
        exchange.sendResponseHeaders(304, -1);
        return;
      }
    }
    byte[] bytes = bytes(reply.body());
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(bytes.length));
      exchange.sendResponseHeaders(reply.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(reply.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static void setHeaders(Headers headers, Reply reply) {
    headers.set("OData-Version", "4.0");
    headers.set("Cache-Control", "no-cache");
    headers.set("Content-Type", "application/json;charset=utf-8");
    headers.set("Strict-Transport-Security", "max-age=31536000");
    headers.set("X-Content-Type-Options", "nosniff");
    reply.headers().forEach(headers::set);
  }

  private static byte[] bytes(Object body) {
    return body instanceof String text
        ? text.getBytes(StandardCharsets.UTF_8)
        : JSON.writeValueAsBytes(body);
  }

  /// What changes whenever `body` does.
  static String etag(Object body) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes(body));
      return "\"" + HexFormat.of().formatHex(digest, 0, TAG_BYTES) + "\"";
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
