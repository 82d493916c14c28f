package dev.portcullis.management.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.type.TypeReference;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Reads facts from files, YAML or JSON.
public final class FactsFile {
  private static final int MOST_BYTES = 1 << 20;
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

  private FactsFile() {}

  /// Reads facts: the key `partition`, and [Facts#AREAS].
  ///
  /// @throws PolicyException with the place and the reason
  public static Facts read(Path file) throws PolicyException {
    try {
      if (!Files.isRegularFile(file)) {
        throw new PolicyException(file + ": there is no such file");
      }
      if (Files.size(file) > MOST_BYTES) {
        throw new PolicyException(file + ": more than 1 MiB of facts");
      }
      return parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new PolicyException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /// Reads facts.
  ///
  /// @param name what messages call the text
  /// @throws PolicyException with the place and the reason
  public static Facts parse(String name, String text) throws PolicyException {
    try {
      Map<String, Object> whole = YAMLMapper.shared().readValue(text, MAP);
      return facts(whole == null ? Map.of() : whole);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String place = at == null ? name : name + ":" + at.getLineNr();
      throw new PolicyException("%s: %s".formatted(place, e.getOriginalMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new PolicyException("%s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static Facts facts(Map<String, Object> whole) {
    Map<String, Map<String, Object>> areas = new HashMap<>();
    String partition = "";
    for (Map.Entry<String, Object> one : whole.entrySet()) {
      switch (one.getValue()) {
        case String text when one.getKey().equals("partition") -> partition = text;
        case Map<?, ?> map -> areas.put(one.getKey(), strings(map));
        case null, default ->
            throw new IllegalArgumentException(
                "%s: a mapping is needed here".formatted(one.getKey()));
      }
    }
    return new Facts(partition, areas);
  }

  private static Map<String, Object> strings(Map<?, ?> map) {
    Map<String, Object> strings = new HashMap<>();
    map.forEach((key, value) -> strings.put(String.valueOf(key), value));
    return strings;
  }
}
