package dev.portcullis.management.redfish;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A request whose body was read.
///
/// @param path as it was sent, without a slash at its end
/// @param query as it was sent; `null` without
/// @param body empty for none
record Request(HttpExchange exchange, String method, String path, String query, byte[] body) {
  /// More than any request of Redfish needs.
  static final int MOST_BODY = 64 << 10;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// Reads one; nothing if its body is too large.
  static Optional<Request> read(HttpExchange exchange) throws IOException {
    byte[] body;
    try (InputStream in = exchange.getRequestBody()) {
      body = in.readNBytes(MOST_BODY + 1);
    }
    String path = exchange.getRequestURI().getRawPath();
    String plain =
        path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return body.length > MOST_BODY
        ? Optional.empty()
        : Optional.of(
            new Request(
                exchange,
                exchange.getRequestMethod(),
                plain,
                exchange.getRequestURI().getRawQuery(),
                body));
  }

  /// A header; `null` without.
  String header(String name) {
    return exchange.getRequestHeaders().getFirst(name);
  }

  /// The body as a JSON object; nothing if it is none.
  Optional<JsonNode> json() {
    try {
      JsonNode node = JSON.readTree(body);
      return node.isObject() ? Optional.of(node) : Optional.empty();
    } catch (JacksonException malformed) {
      return Optional.empty();
    }
  }
}
