package dev.portcullis.management.posture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a partition's own collector said, as policies ask about it: the area `posture`. What it has
/// not said is not there.
final class PostureFacts {
  private PostureFacts() {}

  /// The facts.
  static Map<String, Object> of(List<Attribute> attributes) {
    Map<String, Object> facts = new LinkedHashMap<>();
    Map<String, Object> os = new LinkedHashMap<>();
    List<Map<String, Object>> packages = new ArrayList<>();
    Map<String, Object> disks = new TreeMap<>();
    for (Attribute one : attributes) {
      String first = one.field(0);
      String second = one.field(1);
      switch (one.type()) {
        case PRODUCT_INFORMATION -> {
          os.put("vendor", first);
          os.put("name", second);
        }
        case NUMERIC_VERSION -> facts.put("numeric_version", String.join(".", one.fields()));
        case STRING_VERSION -> {
          os.put("version", first);
          os.put("kernel", second);
        }
        case OPERATIONAL_STATUS ->
            facts.put("agent", Map.of("answered", true, "status", first, "result", second));
        case PORT_FILTER ->
            facts.put("port_filter", Map.of("enabled", first.equals("on"), "kind", second));
        case INSTALLED_PACKAGE -> packages.add(Map.of("name", first, "version", second));
        case DISK_ENCRYPTION -> disks.put(first, second);
      }
    }
    facts.put("operating_system", os);
    facts.put("packages", packages);
    // No disk is no encrypted disk.
    boolean encrypted = !disks.isEmpty() && !disks.containsValue("none");
    facts.put("disk_encryption", Map.of("enabled", encrypted, "disks", disks));
    return facts;
  }

  static boolean isSilent(Map<String, Object> facts) {
    return !(facts.get("agent") instanceof Map<?, ?> agent)
        || !Boolean.TRUE.equals(agent.get("answered"));
  }

  /// Nothing is known but that nobody has said anything that can be believed.
  static Map<String, Object> silent(String why) {
    return Map.of("agent", Map.of("answered", false, "error", why));
  }
}
