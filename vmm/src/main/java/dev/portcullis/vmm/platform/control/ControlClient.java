package dev.portcullis.vmm.platform.control;

import dev.portcullis.vmm.console.Wish;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.platform.PlatformStatus;
import dev.portcullis.vmm.platform.PowerAction;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ObjDoubleConsumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks a running platform, through its control socket.
public final class ControlClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final SocketChannel channel;
  private final Lines lines;

  private ControlClient(SocketChannel channel) {
    this.channel = channel;
    this.lines = new Lines(channel);
  }

  /// Connects to the platform at `socket`.
  ///
  /// @throws IOException if none answers there
  public static ControlClient connect(Path socket) throws IOException {
    return new ControlClient(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
  }

  static boolean isAnswered(Path socket) {
    try (ControlClient client = connect(socket)) {
      return client.channel.isConnected();
    } catch (IOException nobody) {
      return false;
    }
  }

  /// What the platform is doing.
  public PlatformStatus status() throws IOException {
    return JSON.treeToValue(ask(Map.of("do", "status")).path("status"), PlatformStatus.class);
  }

  /// The same as the platform wrote it: JSON.
  public String statusJson() throws IOException {
    return JSON.writerWithDefaultPrettyPrinter()
        .writeValueAsString(ask(Map.of("do", "status")).path("status"));
  }

  /// Has the platform `verb` a device.
  ///
  /// @param verb assign, release or reassign
  /// @param partition to which; empty for release
  /// @throws IOException with the platform's reason, if it refuses
  public void change(String verb, String device, String partition) throws IOException {
    Map<String, String> request = new LinkedHashMap<>();
    request.put("do", verb);
    request.put("device", device);
    if (!partition.isEmpty()) {
      request.put("partition", partition);
    }
    ask(request);
  }

  /// Has the platform do something to a partition as a whole.
  ///
  /// @throws IOException with the platform's reason, if it refuses
  public void power(PowerAction action, String partition) throws IOException {
    String verb = action.name().toLowerCase(Locale.ROOT).replace('_', '-');
    ask(Map.of("do", verb, "partition", partition));
  }

  /// The rules of a bridge, with what they have counted.
  ///
  /// @param partition whose; empty for the only one
  /// @throws IOException with the platform's reason, if it refuses
  public String rules(String partition) throws IOException {
    return ask(Map.of("do", "rules", "partition", partition)).path("rules").asString("");
  }

  /// Has a bridge take other rules, all at once.
  ///
  /// @param partition whose; empty for the only one
  /// @param source what messages call the text
  /// @throws IOException with the platform's reason, if it refuses
  public void loadRules(String partition, String source, String text, Established established)
      throws IOException {
    Map<String, String> request = new LinkedHashMap<>();
    request.put("do", "load-rules");
    request.put("partition", partition);
    request.put("source", source);
    request.put("text", text);
    request.put("established", established.name().toLowerCase(Locale.ROOT));
    ask(request);
  }

  /// Has a partition rebuilt from its safe image; returns when it has started.
  ///
  /// @param data `keep` or `replace`
  /// @param progress told what is being done, and how much of it is done, 0 to 1
  /// @throws IOException with the platform's reason, if it refuses or fails
  public void rebuild(String partition, String data, ObjDoubleConsumer<String> progress)
      throws IOException {
    carryOut("rebuild", Map.of("partition", partition, "data", data), progress);
  }

  /// Has something done that the platform's management offers and that takes a while; returns when
  /// it is done.
  ///
  /// @param fields of the request
  /// @param progress told what is being done, and how much of it is done, 0 to 1
  /// @return the fields of the answer, as text
  /// @throws IOException with the platform's reason, if it refuses or fails
  public Map<String, String> carryOut(
      String verb, Map<String, String> fields, ObjDoubleConsumer<String> progress)
      throws IOException {
    Map<String, String> request = new LinkedHashMap<>();
    request.put("do", verb);
    request.putAll(fields);
    Map<String, String> answer = new LinkedHashMap<>();
    ask(request, news -> report(news, progress))
        .properties()
        .forEach(entry -> answer.put(entry.getKey(), entry.getValue().asString("")));
    return answer;
  }

  /// Asks for something that the platform's management offers.
  ///
  /// @param fields of the request
  /// @param answer the field of the answer that is wanted: lines
  /// @throws IOException with the platform's reason, if it refuses
  public List<String> lines(String verb, Map<String, String> fields, String answer)
      throws IOException {
    List<String> lines = new ArrayList<>();
    ask(request(verb, fields)).path(answer).forEach(line -> lines.add(line.asString("")));
    return lines;
  }

  /// The same for programs.
  ///
  /// @param answer the field of the answer that is wanted
  /// @return it as JSON
  /// @throws IOException with the platform's reason, if it refuses
  public String json(String verb, Map<String, String> fields, String answer) throws IOException {
    return JSON.writerWithDefaultPrettyPrinter()
        .writeValueAsString(ask(request(verb, fields)).path(answer));
  }

  private static Map<String, String> request(String verb, Map<String, String> fields) {
    Map<String, String> request = new LinkedHashMap<>();
    request.put("do", verb);
    request.putAll(fields);
    return request;
  }

  /// Asks for something that the platform's management offers, and that takes its time.
  ///
  /// @param fields of the request
  /// @param answer the field of the answer that is wanted: rows of a table, each its cells by name
  /// @param progress told what is being done, and how much of it is done, 0 to 1
  /// @throws IOException with the platform's reason, if it refuses
  public List<Map<String, String>> rows(
      String verb, Map<String, String> fields, String answer, ObjDoubleConsumer<String> progress)
      throws IOException {
    Map<String, String> request = new LinkedHashMap<>();
    request.put("do", verb);
    request.putAll(fields);
    List<Map<String, String>> rows = new ArrayList<>();
    for (JsonNode one : ask(request, news -> report(news, progress)).path(answer)) {
      Map<String, String> row = new LinkedHashMap<>();
      one.properties().forEach(cell -> row.put(cell.getKey(), cell.getValue().asString("")));
      rows.add(row);
    }
    return rows;
  }

  private static void report(JsonNode news, ObjDoubleConsumer<String> progress) {
    progress.accept(news.path("step").asString(""), news.path("progress").asDouble(0));
  }

  /// Takes a seat at a partition's console; the connection is that console from then on.
  ///
  /// @param who for the others to read
  /// @param from position from which it is read: 0 for all that is kept
  /// @throws IOException with the platform's reason, if it refuses
  public ConsoleConnection attach(String partition, String who, Wish wish, long from)
      throws IOException {
    JsonNode answer =
        ask(
            Map.of(
                "do",
                "attach",
                "partition",
                partition,
                "who",
                who,
                "as",
                wish.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                "from",
                Long.toString(from)));
    return new ConsoleConnection(lines, answer.path("writer").asString(""));
  }

  /// The connection itself.
  Lines lines() {
    return lines;
  }

  private JsonNode ask(Map<String, String> request) throws IOException {
    return ask(request, news -> {});
  }

  /// @param news takes what is told before the answer
  private JsonNode ask(Map<String, String> request, Consumer<JsonNode> news) throws IOException {
    lines.write(JSON.writeValueAsString(request));
    try {
      JsonNode node = next();
      while (!node.has("ok")) {
        news.accept(node);
        node = next();
      }
      if (!node.path("ok").asBoolean(false)) {
        throw new IOException(node.path("reason").asString("the platform refused"));
      }
      return node;
    } catch (JacksonException e) {
      throw new IOException("the platform's answer is no JSON", e);
    }
  }

  private JsonNode next() throws IOException {
    String line = lines.read();
    if (line == null) {
      throw new IOException("the platform has ended");
    }
    return JSON.readTree(line);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
