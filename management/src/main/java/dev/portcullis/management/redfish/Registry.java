package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.vmm.event.EventType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The messages that events come with: one for each type of event, whose text is its argument.
final class Registry {
  /// What its messages' names begin with.
  static final String PREFIX = "Portcullis";

  private static final String VERSION = "1.0";
  private static final String PATH = Services.ROOT + "/Registries";
  private static final String ID = PREFIX + "." + VERSION;
  private static final String FILE = ID + ".0.json";

  private Registry() {}

  /// Such as `Portcullis.1.0.FaultRefused`.
  static String messageId(EventType type) {
    return ID + "." + key(type);
  }

  /// Such as `FaultRefused`.
  private static String key(EventType type) {
    StringBuilder key = new StringBuilder();
    for (String word : type.name().split("_")) {
      key.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return key.toString();
  }

  /// @param at path below `Registries`
  static Optional<Resource> find(List<String> at) {
    if (at.isEmpty()) {
      return Optional.of(
          Resource.collection(PATH, "MessageRegistryFile", "Registries", List.of(ID)));
    }
    if (at.equals(List.of(ID))) {
      return Optional.of(
          Resource.of(PATH + "/" + ID, "#MessageRegistryFile.v1_1_0.MessageRegistryFile", PREFIX)
              .with("Languages", List.of("en"))
              .with("Registry", ID)
              .with("Location", List.of(map("Language", "en", "Uri", PATH + "/" + FILE))));
    }
    return at.equals(List.of(FILE)) ? Optional.of(file()) : Optional.empty();
  }

  private static Resource file() {
    Map<String, Object> messages = new LinkedHashMap<>();
    for (EventType type : EventType.values()) {
      messages.put(
          key(type),
          map(
              "Description",
              "An event " + type.qualified() + ".",
              "Message",
              "%1",
              "MessageSeverity",
              "OK",
              "NumberOfArgs",
              1,
              "ParamTypes",
              List.of("string"),
              "Resolution",
              "See what is told, and docs/services/events.md."));
    }
    return Resource.of(PATH + "/" + FILE, "#MessageRegistry.v1_4_0.MessageRegistry", PREFIX)
        .with("Id", ID + ".0")
        .with("Language", "en")
        .with("RegistryPrefix", PREFIX)
        .with("RegistryVersion", VERSION + ".0")
        .with("OwningEntity", PREFIX)
        .with("Messages", messages);
  }
}
