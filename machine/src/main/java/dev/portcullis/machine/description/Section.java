package dev.portcullis.machine.description;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One mapping of a machine file under reading: hands out the values asked for, each checked, and
/// at the end refuses keys that nobody asked for.
final class Section {
  private final String file;
  private final String path;
  private final ObjectNode node;
  private final Set<String> known = new LinkedHashSet<>();

  private Section(String file, String path, ObjectNode node) {
    this.file = file;
    this.path = path;
    this.node = node;
  }

  static Section of(String file, String path, JsonNode node) throws MachineFileException {
    if (node instanceof ObjectNode mapping) {
      return new Section(file, path, mapping);
    }
    throw new MachineFileException(
        file, path, "a mapping is needed here (lines of \"key: value\")");
  }

  /// What is wrong with the value of `key`.
  MachineFileException wrong(String key, String reason) {
    return new MachineFileException(file, pathOf(key), reason);
  }

  /// What is wrong with this section as a whole.
  MachineFileException wrong(String reason) {
    return new MachineFileException(file, path, reason);
  }

  private String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private boolean has(String key) {
    known.add(key);
    return node.hasNonNull(key);
  }

  /// The value of `key` as `reader` understands its text; its `IllegalArgumentException` is the
  /// reason of the refusal.
  <T> Optional<T> value(String key, Function<String, T> reader) throws MachineFileException {
    return has(key) ? Optional.of(read(pathOf(key), node.get(key), reader)) : Optional.empty();
  }

  <T> T required(String key, Function<String, T> reader) throws MachineFileException {
    Optional<T> value = value(key, reader);
    return value.orElseThrow(() -> wrong("\"" + key + "\" is missing"));
  }

  /// The values of the list `key`.
  <T> Optional<List<T>> values(String key, Function<String, T> reader) throws MachineFileException {
    if (!has(key)) {
      return Optional.empty();
    }
    List<T> values = new ArrayList<>();
    for (JsonNode element : list(key)) {
      values.add(read(pathOf(key) + "[" + values.size() + "]", element, reader));
    }
    return Optional.of(values);
  }

  private <T> T read(String at, JsonNode value, Function<String, T> reader)
      throws MachineFileException {
    if (value.isContainer()) {
      throw new MachineFileException(file, at, "a single value is needed here");
    }
    try {
      return reader.apply(value.asString());
    } catch (IllegalArgumentException refused) {
      throw new MachineFileException(file, at, refused.getMessage());
    }
  }

  /// One of the constants of `choices`, written in lower case with dashes.
  <E extends Enum<E>> Optional<E> choice(String key, Class<E> choices) throws MachineFileException {
    return value(
        key, text -> Names.find(text, List.of(choices.getEnumConstants()), Names::written));
  }

  /// `true` or `false`.
  Optional<Boolean> flag(String key) throws MachineFileException {
    return value(key, text -> Names.find(text, List.of(true, false), String::valueOf));
  }

  /// A whole number from `min` to `max`; `0x` marks hexadecimal.
  Optional<Integer> number(String key, int min, int max) throws MachineFileException {
    return value(key, text -> wholeNumber(text, min, max));
  }

  private static int wholeNumber(String text, int min, int max) {
    String range = "a whole number from " + min + " to " + max;
    try {
      int number = Integer.decode(text);
      if (number >= min && number <= max) {
        return number;
      }
      throw new IllegalArgumentException(text + " is not " + range);
    } catch (NumberFormatException notOne) {
      throw new IllegalArgumentException("\"" + text + "\" is not " + range, notOne);
    }
  }

  /// The section `key`.
  Optional<Section> section(String key) throws MachineFileException {
    return has(key) ? Optional.of(of(file, pathOf(key), node.get(key))) : Optional.empty();
  }

  /// The sections of the list `key`.
  Optional<List<Section>> sections(String key) throws MachineFileException {
    if (!has(key)) {
      return Optional.empty();
    }
    List<Section> sections = new ArrayList<>();
    for (JsonNode element : list(key)) {
      sections.add(of(file, pathOf(key) + "[" + sections.size() + "]", element));
    }
    return Optional.of(sections);
  }

  private JsonNode list(String key) throws MachineFileException {
    JsonNode list = node.get(key);
    if (!list.isArray()) {
      throw wrong(key, "a list is needed here (lines that begin with a dash)");
    }
    return list;
  }

  /// Refuses what has not been asked for.
  void end() throws MachineFileException {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!known.contains(entry.getKey())) {
        throw wrong(
            entry.getKey(),
            "there is no such key; known here are "
                + String.join(", ", known)
                + Names.hint(entry.getKey(), known));
      }
    }
  }
}
