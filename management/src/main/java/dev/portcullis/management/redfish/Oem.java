package dev.portcullis.management.redfish;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the service says where Redfish has no words of its own, by a schema of its own.
final class Oem {
  /// Where the schema is.
  static final String SCHEMA = Services.ROOT + "/Schemas/Portcullis_v1.xml";

  private static final String FILE = "Portcullis_v1.xml";

  private Oem() {}

  /// The value of `Oem`.
  ///
  /// @param type a complex type of the schema, such as `Event`
  /// @param entries in the order of a mapping: key, value, key, value
  static Map<String, Object> of(String type, Object... entries) {
    return of(type, Resource.map(entries));
  }

  /// The value of `Oem`.
  static Map<String, Object> of(String type, Map<String, Object> properties) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("@odata.type", "#Portcullis.v1_0_0." + type);
    all.putAll(properties);
    return Resource.map("Portcullis", all);
  }

  static Reply schema() {
    try (InputStream file = Oem.class.getResourceAsStream(FILE)) {
      return Reply.xml(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("a part of this program cannot be read", e);
    }
  }
}
