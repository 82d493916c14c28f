package dev.portcullis.management.endpoint;

import dev.portcullis.vmm.platform.control.ControlVerb;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// What a person asks about access at the control socket.
///
/// ```
///   {"do":"access"}                            {"ok":true,"lines":["user: …"],"access":[{…}]}
///   {"do":"access","partition":"user"}         the same of one, with all that is known
///   {"do":"access","partition":"user",         has it looked at first, all stages
///    "evaluate":"now"}                         {"ok":false,"reason":"…"}
/// ```
public final class AccessVerb implements ControlVerb {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final AccessControl control;

  public AccessVerb(AccessControl control) {
    this.control = control;
  }

  @Override
  public Map<String, Object> answer(Map<String, String> request, Consumer<Map<String, Object>> tell)
      throws InterruptedException {
    String partition = request.getOrDefault("partition", "");
    if (request.containsKey("evaluate")) {
      evaluate(partition);
    }
    List<AccessStatus> all =
        partition.isEmpty() ? control.status() : List.of(control.status(partition));
    List<String> lines =
        partition.isEmpty()
            ? all.stream().map(AccessStatus::line).toList()
            : all.getFirst().lines();
    return Map.of("lines", lines, "access", all.stream().map(AccessStatus::toJson).toList());
  }

  private void evaluate(String partition) throws InterruptedException {
    if (partition.isEmpty()) {
      throw new IllegalArgumentException("which partition is to be looked at?");
    }
    if (control.reevaluate(partition, LIMIT).isEmpty()) {
      throw new IllegalArgumentException(
          "nothing was decided about partition %s: %s"
              .formatted(partition, control.status(partition).inForce().reason()));
    }
  }
}
