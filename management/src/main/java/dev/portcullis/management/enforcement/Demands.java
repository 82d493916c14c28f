package dev.portcullis.management.enforcement;

import dev.portcullis.management.enforcement.Enforcement.Demander;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.rule.Table;
import dev.portcullis.vmm.filter.text.RulesetText;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What is demanded for one partition, and what follows.
record Demands(Map<Demander, NetworkAccess> all) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  Demands {
    all = Map.copyOf(all);
  }

  static Demands none() {
    return new Demands(Map.of());
  }

  Demands with(Demander who, NetworkAccess access) {
    Map<Demander, NetworkAccess> next = new EnumMap<>(Demander.class);
    next.putAll(all);
    next.put(who, access);
    return new Demands(next);
  }

  /// The strictest of all; where several have conditions, all of them.
  NetworkAccess effective() {
    NetworkAccess strictest = NetworkAccess.of(AccessLevel.UNRESTRICTED, "nobody objects");
    for (Demander who : Demander.values()) {
      NetworkAccess one = all.get(who);
      if (one != null && one.level().compareTo(strictest.level()) >= 0) {
        boolean both =
            one.level() == AccessLevel.CONDITIONAL && strictest.level() == AccessLevel.CONDITIONAL;
        strictest = both ? both(strictest, one) : one;
      }
    }
    return strictest;
  }

  /// Tables are asked one after the other, and each has to let a frame pass.
  private static NetworkAccess both(NetworkAccess one, NetworkAccess other) {
    List<Table> tables = new ArrayList<>(one.rules().orElseThrow().tables());
    for (Table table : other.rules().orElseThrow().tables()) {
      String name = table.name();
      while (isIn(tables, name)) {
        name += "_";
      }
      tables.add(new Table(name, table.sets(), table.chains()));
    }
    return NetworkAccess.conditional(new Ruleset(tables), one.reason() + "; " + other.reason());
  }

  private static boolean isIn(List<Table> tables, String name) {
    return tables.stream().anyMatch(table -> table.name().equals(name));
  }

  String toText() {
    ObjectNode text = JSON.createObjectNode();
    for (Demander who : Demander.values()) {
      NetworkAccess access = all.get(who);
      if (access != null) {
        ObjectNode one = text.putObject(word(who));
        one.put("level", access.level().name());
        one.put("reason", access.reason());
        access.rules().ifPresent(rules -> one.put("rules", RulesetText.print(rules)));
      }
    }
    return JSON.writeValueAsString(text);
  }

  /// @throws IllegalArgumentException if that was never written by [#toText]
  static Demands ofText(String text) {
    try {
      Map<Demander, NetworkAccess> all = new EnumMap<>(Demander.class);
      JsonNode root = JSON.readTree(text);
      for (Demander who : Demander.values()) {
        JsonNode one = root.get(word(who));
        if (one != null) {
          all.put(who, access(one));
        }
      }
      return new Demands(all);
    } catch (JacksonException | RulesetException e) {
      throw new IllegalArgumentException("no demands: " + e.getMessage(), e);
    }
  }

  private static NetworkAccess access(JsonNode one) throws RulesetException {
    JsonNode rules = one.get("rules");
    return new NetworkAccess(
        AccessLevel.valueOf(one.path("level").asString("")),
        rules == null
            ? Optional.empty()
            : Optional.of(RulesetText.parse("kept rules", rules.asString(""))),
        one.path("reason").asString(""));
  }

  private static String word(Demander who) {
    return who.name().toLowerCase(Locale.ROOT);
  }
}
