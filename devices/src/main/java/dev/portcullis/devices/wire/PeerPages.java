package dev.portcullis.devices.wire;

import dev.portcullis.net.http.Headers;
import dev.portcullis.net.http.HttpException;
import dev.portcullis.net.http.HttpRequest;
import dev.portcullis.net.http.HttpResponse;
import dev.portcullis.net.http.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// What the peer serves:
///
/// | | |
/// |---|---|
/// | `GET /` | a page that names the peer |
/// | `GET /bytes?count=N&seed=S` | N bytes of [RandomBytes], one GiB at most; seed 0 if not said. `X-SHA256` holds their hash, if they are not more than 64 MiB |
/// | `GET /sha256?count=N&seed=S` | the hash of those bytes, in hex |
/// | `PUT /upload` | `{"bytes":N,"sha256":"…"}` of what came, one GiB at most |
final class PeerPages implements HttpServer.Handler {
  static final long MOST_BYTES = 1L << 30;
  static final long MOST_HASHED_AT_ONCE = 1L << 26;

  private static final int COPY_BYTES = 65_536;
  private static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head><title>Portcullis peer</title></head>
      <body>
      <h1>Portcullis peer</h1>
      <p>This is 10.9.0.1, the host at the other end of the cable.</p>
      </body>
      </html>
      """;

  PeerPages() {}

  @Override
  public HttpResponse answer(HttpRequest request) throws IOException {
    return switch (request.path()) {
      case "/" -> isGet(request) ? HttpResponse.text(200, "text/html", PAGE) : not("GET, HEAD");
      case "/bytes" -> isGet(request) ? bytes(request) : not("GET, HEAD");
      case "/sha256" -> isGet(request) ? hash(request) : not("GET, HEAD");
      case "/upload" -> isPut(request) ? upload(request) : not("PUT, POST");
      default -> throw new HttpException(404, "nothing there");
    };
  }

  private static boolean isGet(HttpRequest request) {
    return request.method().equals("GET") || request.method().equals("HEAD");
  }

  private static boolean isPut(HttpRequest request) {
    return request.method().equals("PUT") || request.method().equals("POST");
  }

  private static HttpResponse not(String allowed) {
    return HttpResponse.text(405, "text/plain", "only " + allowed + "\n").with("Allow", allowed);
  }

  private static RandomBytes asked(HttpRequest request) throws HttpException {
    long seed = request.query().containsKey("seed") ? request.number("seed", Long.MAX_VALUE) : 0;
    return new RandomBytes(request.number("count", MOST_BYTES), seed);
  }

  private static HttpResponse bytes(HttpRequest request) throws IOException {
    RandomBytes bytes = asked(request);
    long count = request.number("count", MOST_BYTES);
    HttpResponse response =
        new HttpResponse(
            200,
            Headers.NONE.with("Content-Type", "application/octet-stream"),
            count,
            out -> copy(bytes, out));
    return count > MOST_HASHED_AT_ONCE ? response : response.with("X-SHA256", hex(asked(request)));
  }

  private static HttpResponse hash(HttpRequest request) throws IOException {
    return HttpResponse.text(200, "text/plain", hex(asked(request)) + "\n");
  }

  private static HttpResponse upload(HttpRequest request) throws IOException {
    List<String> lengths = request.headers().all("Content-Length");
    if (!lengths.isEmpty() && Long.parseLong(lengths.getFirst()) > MOST_BYTES) {
      throw new HttpException(413, "more than one GiB");
    }
    MessageDigest digest = digest();
    long count = feed(request.body(), digest);
    String json =
        "{\"bytes\":%d,\"sha256\":\"%s\"}\n"
            .formatted(count, HexFormat.of().formatHex(digest.digest()));
    return HttpResponse.text(200, "application/json", json);
  }

  private static void copy(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[COPY_BYTES];
    for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
      to.write(buffer, 0, n);
    }
  }

  private static String hex(InputStream bytes) throws IOException {
    MessageDigest digest = digest();
    feed(bytes, digest);
    return HexFormat.of().formatHex(digest.digest());
  }

  private static long feed(InputStream bytes, MessageDigest digest) throws IOException {
    byte[] buffer = new byte[COPY_BYTES];
    long count = 0;
    for (int n = bytes.read(buffer); n >= 0; n = bytes.read(buffer)) {
      digest.update(buffer, 0, n);
      count += n;
      if (count > MOST_BYTES) {
        throw new HttpException(413, "more than one GiB");
      }
    }
    return count;
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
