package dev.portcullis.machine.description;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One mapping of a YAML file under reading: hands out the values asked for, each checked, and at
/// the end refuses keys that nobody asked for.
public final class Section {
  private static final int LIMIT_BYTES = 1 << 20;

  private final Source source;
  private final String path;
  private final ObjectNode node;
  private final Set<String> known = new LinkedHashSet<>();

  private Section(Source source, String path, ObjectNode node) {
    this.source = source;
    this.path = path;
    this.node = node;
  }

  /// The file at `file` as one section.
  public static Section read(Path file) throws MachineFileException {
    String name = file.toString();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] text = in.readNBytes(LIMIT_BYTES + 1);
      if (text.length > LIMIT_BYTES) {
        throw new MachineFileException(name, "", "larger than 1 MiB: not a machine file");
      }
      return Source.read(name, text);
    } catch (NoSuchFileException absent) {
      throw new MachineFileException(name, "", "there is no such file");
    } catch (IOException e) {
      throw new MachineFileException(name, "", "cannot be read: " + e.getMessage());
    }
  }

  /// What relative paths in `file` start from.
  public static Path folderOf(Path file) {
    return file.toAbsolutePath().getParent();
  }

  /// A text as one section.
  ///
  /// @param name what messages call it
  public static Section parse(String name, String yaml) throws MachineFileException {
    return Source.read(name, yaml.getBytes(StandardCharsets.UTF_8));
  }

  static Section of(Source source, String path, JsonNode node) throws MachineFileException {
    if (node instanceof ObjectNode mapping) {
      return new Section(source, path, mapping);
    }
    throw source.wrong(path, "a mapping is needed here (lines of \"key: value\")");
  }

  /// What is wrong with the value of `key`.
  public MachineFileException wrong(String key, String reason) {
    return source.wrong(pathOf(key), reason);
  }

  /// What is wrong with this section as a whole.
  public MachineFileException wrong(String reason) {
    return source.wrong(path, reason);
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
  public <T> Optional<T> value(String key, Function<String, T> reader) throws MachineFileException {
    return has(key) ? Optional.of(read(pathOf(key), node.get(key), reader)) : Optional.empty();
  }

  public <T> T required(String key, Function<String, T> reader) throws MachineFileException {
    Optional<T> value = value(key, reader);
    return value.orElseThrow(() -> wrong("\"" + key + "\" is missing"));
  }

  /// The values of the list `key`.
  public <T> Optional<List<T>> values(String key, Function<String, T> reader)
      throws MachineFileException {
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
      throw source.wrong(at, "a single value is needed here");
    }
    try {
      return reader.apply(value.asString());
    } catch (IllegalArgumentException refused) {
      throw source.wrong(at, refused.getMessage());
    }
  }

  /// One of the constants of `choices`, written in lower case with dashes.
  public <E extends Enum<E>> Optional<E> choice(String key, Class<E> choices)
      throws MachineFileException {
    return value(
        key, text -> Names.find(text, List.of(choices.getEnumConstants()), Names::written));
  }

  /// `true` or `false`.
  public Optional<Boolean> flag(String key) throws MachineFileException {
    return value(key, text -> Names.find(text, List.of(true, false), String::valueOf));
  }

  /// A whole number from `min` to `max`; `0x` marks hexadecimal.
  public Optional<Integer> number(String key, int min, int max) throws MachineFileException {
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

  /// Whether the value of `key` is a section.
  boolean isSection(String key) {
    return has(key) && node.get(key).isObject();
  }

  /// The section `key`.
  public Optional<Section> section(String key) throws MachineFileException {
    return has(key) ? Optional.of(of(source, pathOf(key), node.get(key))) : Optional.empty();
  }

  /// The sections of the list `key`.
  public Optional<List<Section>> sections(String key) throws MachineFileException {
    if (!has(key)) {
      return Optional.empty();
    }
    List<Section> sections = new ArrayList<>();
    for (JsonNode element : list(key)) {
      sections.add(of(source, pathOf(key) + "[" + sections.size() + "]", element));
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
  public void end() throws MachineFileException {
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
