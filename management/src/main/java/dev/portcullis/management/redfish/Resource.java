package dev.portcullis.management.redfish;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is at an address of the service, as JSON.
final class Resource {
  private final Map<String, Object> body = new LinkedHashMap<>();
  private final String path;

  private Resource(String path, String type) {
    this.path = path;
    body.put("@odata.id", path);
    body.put("@odata.type", type);
  }

  /// @param type such as `#Chassis.v1_25_0.Chassis`
  static Resource of(String path, String type, String name) {
    return new Resource(path, type)
        .with("Id", path.substring(path.lastIndexOf('/') + 1))
        .with("Name", name);
  }

  /// @param of what its members are, such as `Sensor`
  /// @param ids of its members, as in their addresses
  static Resource collection(String path, String of, String name, List<String> ids) {
    return new Resource(path, "#" + of + "Collection." + of + "Collection")
        .with("Name", name)
        .with("Members@odata.count", ids.size())
        .with("Members", ids.stream().map(id -> link(path + "/" + id)).toList());
  }

  Resource with(String key, Object value) {
    body.put(key, value);
    return this;
  }

  /// A link to what is below this.
  Resource below(String key) {
    return with(key, link(path + "/" + key));
  }

  String path() {
    return path;
  }

  Map<String, Object> body() {
    return body;
  }

  static Map<String, Object> link(String path) {
    return Map.of("@odata.id", path);
  }

  /// A name as part of an address.
  static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// A mapping in the order of its arguments: key, value, key, value.
  static Map<String, Object> map(Object... entries) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < entries.length; i += 2) {
      map.put((String) entries[i], entries[i + 1]);
    }
    return map;
  }

  static final Map<String, Object> OK = Map.of("State", "Enabled", "Health", "OK");
}
