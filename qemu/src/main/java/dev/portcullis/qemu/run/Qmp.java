package dev.portcullis.qemu.run;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// QEMU's monitor in its machine-readable form: one JSON object per line, commands matched to their
/// replies by an identity, events in between. Any thread may use it.
public final class Qmp implements Closeable {

  /// How long a reply may take.
  private static final Duration REPLY_LIMIT = Duration.ofSeconds(10);

  /// Events not asked for are kept up to this number; the oldest are dropped.
  private static final int KEPT_EVENTS = 1024;

  private static final int LINE_LIMIT_CHARS = 8 << 20;

  private static final JsonMapper JSON = new JsonMapper();

  private final SocketChannel socket;
  private final OutputStream output;
  private final AtomicLong lastId = new AtomicLong();
  private final ConcurrentMap<Long, CompletableFuture<JsonNode>> pending =
      new ConcurrentHashMap<>();
  private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>(KEPT_EVENTS);
  private final List<Consumer<JsonNode>> listeners = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> greeted = new CompletableFuture<>();

  private Qmp(SocketChannel socket) {
    this.socket = socket;
    this.output = Channels.newOutputStream(socket);
  }

  /// Takes the greeting and leaves the negotiation, so that commands are accepted.
  ///
  /// @param limit how long QEMU may need until its machine is built
  static Qmp open(SocketChannel socket, Duration limit) throws QemuException, InterruptedException {
    var qmp = new Qmp(socket);
    Thread.ofVirtual().name("qmp").start(qmp::pump);
    await(qmp.greeted, "the greeting", limit);
    qmp.execute("qmp_capabilities", Map.of(), limit);
    return qmp;
  }

  /// Executes a command without arguments.
  public JsonNode execute(String command) throws QemuException, InterruptedException {
    return execute(command, Map.of());
  }

  /// Executes a command.
  ///
  /// @return what QEMU returned, an empty object for most
  /// @throws QemuRefusal if QEMU answers that it does not do so
  /// @throws QemuException if it says nothing for 10 s, or is gone
  public JsonNode execute(String command, Map<String, ?> arguments)
      throws QemuException, InterruptedException {
    return execute(command, arguments, REPLY_LIMIT);
  }

  /// Executes a command.
  ///
  /// @return what QEMU returned, an empty object for most
  /// @throws QemuRefusal if QEMU answers that it does not do so
  /// @throws QemuException if it says nothing within `limit`, or is gone
  public JsonNode execute(String command, Map<String, ?> arguments, Duration limit)
      throws QemuException, InterruptedException {
    long id = lastId.incrementAndGet();
    var reply = new CompletableFuture<JsonNode>();
    pending.put(id, reply);
    try {
      send(request(command, arguments, id));
      JsonNode answer = await(reply, "a reply to " + command, limit);
      if (answer.has("error")) {
        throw new QemuRefusal(
            "QEMU refuses %s: %s".formatted(command, answer.at("/error/desc").asString("")));
      }
      return answer.path("return");
    } catch (IOException e) {
      throw new QemuException("QEMU is gone, cannot " + command, e);
    } finally {
      pending.remove(id);
    }
  }

  /// Waits for an event: `RESET`, `SHUTDOWN`, … Events before it are dropped.
  public JsonNode awaitEvent(String name, Duration limit)
      throws QemuException, InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    while (true) {
      JsonNode event = events.poll(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (event == null) {
        throw new QemuException(
            "QEMU reported no %s within %d s".formatted(name, limit.toSeconds()));
      }
      if (event.path("event").asString("").equals(name)) {
        return event;
      }
    }
  }

  /// Has `listener` hear of every event from now on, on the thread that reads replies: it must not
  /// wait for any.
  public void listen(Consumer<JsonNode> listener) {
    listeners.add(listener);
  }

  /// Presses the power button.
  public void powerButton() throws QemuException, InterruptedException {
    execute("system_powerdown");
  }

  /// Presses the reset button.
  public void reset() throws QemuException, InterruptedException {
    execute("system_reset");
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  static String request(String command, Map<String, ?> arguments, long id) {
    var request = JSON.createObjectNode().put("execute", command).put("id", id);
    if (!arguments.isEmpty()) {
      request.set("arguments", JSON.valueToTree(arguments));
    }
    return request + "\n";
  }

  private void send(String line) throws IOException {
    synchronized (output) {
      output.write(line.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void pump() {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(socket), StandardCharsets.UTF_8))) {
      for (String line = readLine(lines); line != null; line = readLine(lines)) {
        receive(JSON.readTree(line));
      }
      fail(new IOException("QEMU closed its monitor"));
    } catch (IOException | JacksonException e) {
      fail(e);
    }
  }

  private static String readLine(BufferedReader input) throws IOException {
    var line = new StringBuilder();
    for (int c = input.read(); c >= 0; c = input.read()) {
      if (c == '\n') {
        return line.toString();
      }
      if (line.length() == LINE_LIMIT_CHARS) {
        throw new IOException("a line of the monitor is longer than 8 MiB");
      }
      line.append((char) c);
    }
    return null;
  }

  private void receive(JsonNode message) {
    if (message.has("QMP")) {
      greeted.complete(null);
    } else if (message.has("event")) {
      listeners.forEach(listener -> listener.accept(message));
      while (!events.offer(message)) {
        events.poll();
      }
    } else {
      var reply = pending.remove(message.path("id").asLong(0));
      if (reply != null) {
        reply.complete(message);
      }
    }
  }

  private void fail(Exception cause) {
    greeted.completeExceptionally(cause);
    pending.values().forEach(reply -> reply.completeExceptionally(cause));
  }

  private static <T> T await(CompletableFuture<T> future, String what, Duration limit)
      throws QemuException, InterruptedException {
    try {
      return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new QemuException(
          "QEMU did not send %s within %d s".formatted(what, limit.toSeconds()), e);
    } catch (ExecutionException e) {
      throw new QemuException("QEMU is gone, waiting for " + what, e.getCause());
    }
  }
}
