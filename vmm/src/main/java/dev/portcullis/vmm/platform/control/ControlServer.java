package dev.portcullis.vmm.platform.control;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.console.SeatTakenException;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.platform.PlatformRules;
import dev.portcullis.vmm.platform.PlatformStatus;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Answers at a Unix socket that only its owner can reach: one JSON object a line, each answered by
/// one.
///
/// ```
///   {"do":"status"}                                     {"ok":true,"status":{…}}
///   {"do":"assign","device":"nic","partition":"user"}   {"ok":true}
///   {"do":"release","device":"nic"}                     {"ok":false,"reason":"…"}
///   {"do":"reassign","device":"nic","partition":"user"}
///   {"do":"rules"}                                      {"ok":true,"rules":"table bridge …"}
///   {"do":"load-rules","source":"file","text":"…","established":"cut"}
///   {"do":"reset","partition":"user"}                   and start, pause, resume, power-down,
///                                                       kill, scrub
///   {"do":"rebuild","partition":"user"}                 {"progress":0.5,"step":"…"}
///                                                       {"ok":true}
///   {"do":"attach","partition":"user","who":"me","as":"write","from":0}
/// ```
///
/// What the platform itself does not know is a [ControlVerb]'s, which may tell how far it is before
/// the answer.
///
/// After `attach` the connection is that partition's console, see [ConsoleLink].
public final class ControlServer implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_CLIENTS = 16;

  private final RunningPlatform platform;
  private final Path socket;
  private final ServerSocketChannel listening;
  private final Map<String, ControlVerb> verbs;
  private final Semaphore room = new Semaphore(MOST_CLIENTS);

  private ControlServer(
      RunningPlatform platform,
      Path socket,
      ServerSocketChannel listening,
      Map<String, ControlVerb> verbs) {
    this.platform = platform;
    this.socket = socket;
    this.listening = listening;
    this.verbs = Map.copyOf(verbs);
  }

  /// Begins to answer at `socket`, which replaces one that nobody answers at.
  ///
  /// @throws IOException if the socket cannot be made, or another platform answers there
  public static ControlServer start(RunningPlatform platform, Path socket) throws IOException {
    return start(platform, socket, Map.of());
  }

  /// The same with more that can be asked for.
  ///
  /// @param verbs by what a request says in `do`
  public static ControlServer start(
      RunningPlatform platform, Path socket, Map<String, ControlVerb> verbs) throws IOException {
    Path folder = socket.toAbsolutePath().getParent();
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    if (Files.exists(socket)) {
      if (ControlClient.isAnswered(socket)) {
        throw new IOException("another platform answers at " + socket);
      }
      Files.delete(socket);
    }
    ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listening.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      listening.close();
      throw e;
    }
    ControlServer server = new ControlServer(platform, socket, listening, verbs);
    Thread.ofVirtual().name("control").start(server::accept);
    return server;
  }

  private void accept() {
    while (listening.isOpen()) {
      try {
        SocketChannel client = listening.accept();
        if (room.tryAcquire()) {
          Thread.ofVirtual().name("control client").start(() -> serve(client));
        } else {
          client.close();
        }
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      Lines lines = new Lines(client);
      ConsoleLink console = new ConsoleLink(platform, lines);
      for (String line = lines.read(); line != null; line = lines.read()) {
        lines.write(JSON.writeValueAsString(answer(line, console, news -> tell(lines, news))));
        if (console.isAttached()) {
          console.serve();
          return;
        }
      }
    } catch (IOException gone) {
      // Whoever asked has left: there is nobody to tell.
      Thread.currentThread().interrupt();
    } finally {
      room.release();
    }
  }

  private static void tell(Lines lines, Map<String, Object> news) {
    try {
      lines.write(JSON.writeValueAsString(news));
    } catch (IOException gone) {
      // What was asked for goes on: the answer finds out that nobody waits for it.
    }
  }

  private Map<String, Object> answer(
      String line, ConsoleLink console, Consumer<Map<String, Object>> tell) {
    try {
      JsonNode request = JSON.readTree(line);
      if (request.path("do").asString("").equals("attach")) {
        return console.attach(request);
      }
      ControlVerb verb = verbs.get(request.path("do").asString(""));
      return verb == null ? answer(request) : answered(verb.answer(values(request), tell));
    } catch (JacksonException e) {
      return refusal("not JSON");
    } catch (VmmException
        | EngineException
        | RulesetException
        | SeatTakenException
        | IllegalArgumentException e) {
      return refusal(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return refusal("interrupted");
    }
  }

  private Map<String, Object> answer(JsonNode request)
      throws VmmException, EngineException, RulesetException, InterruptedException {
    String verb = request.path("do").asString("");
    switch (verb) {
      case "status" -> {
        return Map.of("ok", true, "status", PlatformStatus.of(platform));
      }
      case "rules" -> {
        return Map.of("ok", true, "rules", new PlatformRules(platform).print(partition(request)));
      }
      case "load-rules" -> loadRules(request);
      case "assign" -> platform.assign(device(request), partition(request));
      case "release" -> platform.release(device(request));
      case "reassign" -> platform.reassign(device(request), partition(request));
      default -> platform.power(action(verb), partition(request));
    }
    return Map.of("ok", true);
  }

  private static Map<String, Object> answered(Map<String, Object> more) {
    Map<String, Object> answer = new LinkedHashMap<>(more);
    answer.put("ok", true);
    return answer;
  }

  private static Map<String, String> values(JsonNode request) {
    Map<String, String> values = new LinkedHashMap<>();
    request
        .properties()
        .forEach(entry -> values.put(entry.getKey(), entry.getValue().asString("")));
    return values;
  }

  private void loadRules(JsonNode request) throws VmmException, RulesetException {
    String word = request.path("established").asString("");
    Established established =
        switch (word) {
          case "cut" -> Established.CUT;
          case "keep" -> Established.KEEP;
          default -> throw new IllegalArgumentException("cut or keep what is established?");
        };
    new PlatformRules(platform)
        .load(
            partition(request),
            request.path("source").asString("rules"),
            request.path("text").asString(""),
            established);
  }

  private static PowerAction action(String verb) {
    for (PowerAction action : PowerAction.values()) {
      if (action.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(verb)) {
        return action;
      }
    }
    throw new IllegalArgumentException("\"" + verb + "\" is nothing that can be done");
  }

  private static Map<String, Object> refusal(String reason) {
    return Map.of("ok", false, "reason", reason);
  }

  private RequesterId device(JsonNode request) {
    return platform.description().device(request.path("device").asString(""));
  }

  private static String partition(JsonNode request) {
    return request.path("partition").asString("");
  }

  /// Where it answers.
  public Path socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    listening.close();
    Files.deleteIfExists(socket);
  }
}
