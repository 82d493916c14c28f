package dev.portcullis.machine.description;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// A YAML file that is read, and on which line each of its values is.
final class Source {
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final String name;
  private final Map<String, Integer> lines = new HashMap<>();

  private Source(String name) {
    this.name = name;
  }

  /// The whole file as one section.
  ///
  /// @param name what messages call it
  static Section read(String name, byte[] yaml) throws MachineFileException {
    Source source = new Source(name);
    try {
      JsonNode root = YAML.readTree(yaml);
      try (JsonParser parser = YAML.createParser(yaml)) {
        source.note(parser);
      }
      return Section.of(source, "", root);
    } catch (JacksonException e) {
      var at = e.getLocation();
      throw new MachineFileException(
          at == null ? name : name + ":" + at.getLineNr(),
          "",
          "not YAML: " + e.getOriginalMessage().lines().findFirst().orElse(""));
    }
  }

  /// Where in the file something is, as [Section]s name it: `devices[2].at`.
  private static final class Place {
    private final String path;
    private final boolean isList;
    private int next;

    private Place(String path, boolean isList) {
      this.path = path;
      this.isList = isList;
    }

    private String of(String key) {
      if (isList) {
        return path + "[" + next++ + "]";
      }
      return path.isEmpty() ? key : path + "." + key;
    }
  }

  private void note(JsonParser parser) {
    Deque<Place> open = new ArrayDeque<>();
    String key = "";
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (token == JsonToken.PROPERTY_NAME) {
        key = parser.currentName();
        lines.put(open.element().of(key), parser.currentTokenLocation().getLineNr());
      } else if (token.isStructEnd()) {
        open.pop();
      } else {
        String path = open.isEmpty() ? "" : open.element().of(key);
        lines.putIfAbsent(path, parser.currentTokenLocation().getLineNr());
        if (token.isStructStart()) {
          open.push(new Place(path, token == JsonToken.START_ARRAY));
        }
      }
    }
  }

  /// What is wrong at `path`, or with what it is in.
  MachineFileException wrong(String path, String reason) {
    String at = path;
    while (!at.isEmpty() && !lines.containsKey(at)) {
      at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
    }
    Integer line = lines.get(at);
    return new MachineFileException(line == null ? name : name + ":" + line, path, reason);
  }
}
