package dev.portcullis.management.access;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is known of a partition, as a policy sees it: names, and under each of them values of
/// JSON's kinds.
///
/// @param partition its name
/// @param areas maps by name; see [#AREAS]
public record Facts(String partition, Map<String, Map<String, Object>> areas) {
  /// What a policy can ask about: `posture` is what the partition's own agent reports, the others
  /// are seen from outside: `platform` (devices, domain, containment), `boot` (measurements and
  /// verdict), `memory` (hashes of pages), `report` (age in seconds, sequence number).
  public static final List<String> AREAS =
      List.of("posture", "platform", "boot", "memory", "report");

  private static final int MOST_DEPTH = 16;

  public Facts {
    Map<String, Map<String, Object>> checked = new HashMap<>();
    for (Map.Entry<String, Map<String, Object>> area : areas.entrySet()) {
      if (!AREAS.contains(area.getKey())) {
        throw new IllegalArgumentException(
            "there are no facts \"%s\"; known are partition, %s"
                .formatted(area.getKey(), String.join(", ", AREAS)));
      }
      checked.put(area.getKey(), copy(area.getValue(), 0));
    }
    areas = Map.copyOf(checked);
  }

  /// Nothing but the name.
  public static Facts of(String partition) {
    return new Facts(partition, Map.of());
  }

  /// The same with other facts in an area.
  ///
  /// @param area one of [#AREAS]
  public Facts with(String area, Map<String, Object> facts) {
    Map<String, Map<String, Object>> next = new HashMap<>(areas);
    next.put(area, facts);
    return new Facts(partition, next);
  }

  /// The variables of an expression: an area of which nothing is known is empty.
  Map<String, Object> variables() {
    Map<String, Object> variables = new HashMap<>();
    variables.put("partition", partition);
    AREAS.forEach(area -> variables.put(area, areas.getOrDefault(area, Map.of())));
    return variables;
  }

  private static Map<String, Object> copy(Map<?, ?> map, int depth) {
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((key, value) -> copy.put(key.toString(), value(value, depth + 1)));
    return Collections.unmodifiableMap(copy);
  }

  private static Object value(Object value, int depth) {
    if (depth > MOST_DEPTH) {
      throw new IllegalArgumentException("facts within facts, more than %d deep".formatted(depth));
    }
    return switch (value) {
      case String text -> text;
      case Boolean flag -> flag;
      case Long number -> number;
      case Integer number -> number.longValue();
      case Double number -> number;
      case Map<?, ?> map -> copy(map, depth);
      case List<?> list -> list.stream().map(one -> value(one, depth + 1)).toList();
      case null -> throw new IllegalArgumentException("null is no fact: leave it out");
      default -> throw new IllegalArgumentException(value + " is no fact");
    };
  }
}
