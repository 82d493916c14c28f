package dev.portcullis.vmm.event;

import dev.portcullis.pci.RequesterId;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Whom an event is about.
///
/// @param partition its name
/// @param function of the machine
public record Subject(Optional<String> partition, Optional<RequesterId> function) {
  /// The platform as a whole.
  public static final Subject PLATFORM = new Subject(Optional.empty(), Optional.empty());

  public static Subject of(RequesterId function, Optional<String> partition) {
    return new Subject(partition, Optional.of(function));
  }

  public static Subject ofPartition(String name) {
    return new Subject(Optional.of(name), Optional.empty());
  }

  public Subject {
    partition = partition.map(Text::label);
  }

  /// Such as `partition/user/function/00:05.0`, or `platform`; the name percent-encoded.
  public String path() {
    if (partition.isEmpty() && function.isEmpty()) {
      return "platform";
    }
    String owner = partition.map(name -> "partition/" + encoded(name)).orElse("");
    String device = function.map(at -> "function/" + at).orElse("");
    return owner.isEmpty() || device.isEmpty() ? owner + device : owner + "/" + device;
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
