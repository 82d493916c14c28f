package dev.portcullis.management.redfish;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/// Somebody at a console from afar, with the JDK's own WebSocket.
final class ConsoleVisitor implements WebSocket.Listener, AutoCloseable {
  private static final long LIMIT_SECONDS = 20;

  private final StringBuilder seen = new StringBuilder();
  private final StringBuilder part = new StringBuilder();
  private final boolean reads;
  private WebSocket socket;
  private long bytes;
  private int closed = -1;

  private ConsoleVisitor(boolean reads) {
    this.reads = reads;
  }

  /// Comes in.
  ///
  /// @param header name and value of what says who it is
  /// @param reads whether it ever reads what comes
  static ConsoleVisitor at(
      SSLContext context, String uri, String protocol, boolean reads, String... header)
      throws Exception {
    ConsoleVisitor visitor = new ConsoleVisitor(reads);
    WebSocket.Builder builder =
        HttpClient.newBuilder().sslContext(context).build().newWebSocketBuilder();
    if (!protocol.isEmpty()) {
      builder.subprotocols(protocol);
    }
    if (header.length > 0) {
      builder.header(header[0], header[1]);
    }
    CompletableFuture<WebSocket> opening = builder.buildAsync(URI.create(uri), visitor);
    visitor.socket = opening.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    return visitor;
  }

  /// With which status of HTTP somebody was not let in.
  static int refusal(SSLContext context, String uri, String... header) throws Exception {
    try (ConsoleVisitor visitor = at(context, uri, "", true, header)) {
      throw new AssertionError("let in: " + visitor.seen);
    } catch (ExecutionException e) {
      HttpResponse<?> response = ((WebSocketHandshakeException) e.getCause()).getResponse();
      return response.statusCode();
    }
  }

  @Override
  public void onOpen(WebSocket opened) {
    if (reads) {
      opened.request(Long.MAX_VALUE);
    }
  }

  @Override
  public synchronized CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    bytes += data.remaining();
    seen.append(StandardCharsets.UTF_8.decode(data));
    notifyAll();
    return null;
  }

  @Override
  public synchronized CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    part.append(data);
    if (last) {
      seen.append(part);
      part.setLength(0);
    }
    notifyAll();
    return null;
  }

  @Override
  public synchronized CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed = code;
    notifyAll();
    return null;
  }

  @Override
  public synchronized void onError(WebSocket from, Throwable error) {
    closed = 1006;
    notifyAll();
  }

  /// Returns when `wanted` was seen; forgets what was seen until then.
  synchronized void await(String wanted) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (seen.indexOf(wanted) < 0) {
      if (System.nanoTime() > deadline || closed >= 0) {
        throw new AssertionError("not seen: \"%s\" in \"%s\"".formatted(wanted, seen));
      }
      wait(50);
    }
    seen.delete(0, seen.indexOf(wanted) + wanted.length());
  }

  /// Returns when the other end has closed.
  synchronized int awaitClose() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (closed < 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("still open");
      }
      wait(50);
    }
    return closed;
  }

  /// Whether the other end has not closed.
  synchronized boolean isOpen() {
    return closed < 0;
  }

  /// How many bytes the guest has written to here.
  synchronized long bytes() {
    return bytes;
  }

  void type(String keys) {
    socket.sendText(keys, true).join();
  }

  @Override
  public void close() {
    socket.abort();
  }
}
