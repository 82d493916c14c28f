package dev.portcullis.vmm.platform.control;

import dev.portcullis.vmm.console.Output;
import dev.portcullis.vmm.console.Output.Guest;
import dev.portcullis.vmm.console.Output.Notice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A partition's console, at the person's end of a control socket. One thread reads, another may
/// write; it ends with the client that it came from.
public final class ConsoleConnection {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Lines lines;
  private final String writer;

  ConsoleConnection(Lines lines, String writer) {
    this.lines = lines;
    this.writer = writer;
  }

  /// Who wrote when this began; empty for nobody.
  public String writer() {
    return writer;
  }

  /// What comes next, waiting for it; nothing at the end.
  public Optional<Output> next() throws IOException {
    String line = lines.read();
    if (line == null) {
      return Optional.empty();
    }
    try {
      JsonNode node = JSON.readTree(line);
      return Optional.of(
          node.has("notice")
              ? new Notice(node.path("notice").asString(""))
              : new Guest(
                  node.path("at").asLong(0),
                  Base64.getDecoder().decode(node.path("bytes").asString(""))));
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IOException("the platform's console is no JSON", e);
    }
  }

  /// Types. Whether it may, a notice says if not.
  public void type(String keys) throws IOException {
    byte[] bytes = keys.getBytes(StandardCharsets.UTF_8);
    lines.write(JSON.writeValueAsString(Map.of("keys", Base64.getEncoder().encodeToString(bytes))));
  }

  /// Writes from now on, whoever did so far.
  public void takeOver() throws IOException {
    lines.write(JSON.writeValueAsString(Map.of("do", "take-over")));
  }

  /// Leaves: [#next] comes to its end.
  public void leave() throws IOException {
    lines.end();
  }
}
