package dev.portcullis.management.redfish;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Addresses of requests.
final class Addresses {
  private static final int MOST_SEGMENTS = 16;

  private Addresses() {}

  /// A segment as it was meant; nothing if it means nothing.
  static Optional<String> decoded(String segment) {
    try {
      return Optional.of(URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }

  /// What is behind `/redfish/v1`, by segment; nothing if it is elsewhere.
  ///
  /// @param path as it was sent
  static Optional<List<String>> below(String path) {
    if (!path.equals(Services.ROOT) && !path.startsWith(Services.ROOT + "/")) {
      return Optional.empty();
    }
    List<String> segments = new ArrayList<>();
    for (String part : path.substring(Services.ROOT.length()).split("/", MOST_SEGMENTS + 2)) {
      Optional<String> segment = decoded(part);
      if (segment.isEmpty() || segments.size() > MOST_SEGMENTS) {
        return Optional.empty();
      }
      if (!segment.get().isEmpty()) {
        segments.add(segment.get());
      }
    }
    return Optional.of(segments);
  }
}
