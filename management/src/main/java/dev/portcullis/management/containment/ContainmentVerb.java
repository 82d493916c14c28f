package dev.portcullis.management.containment;

import dev.portcullis.management.state.StateException;
import dev.portcullis.vmm.platform.control.ControlVerb;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// What a person asks for at the control socket.
///
/// ```
///   {"do":"contain"}                                {"ok":true,"containment":["user: normal …"]}
///   {"do":"contain","partition":"user",             {"ok":true,"containment":[…]}
///    "trigger":"remediate","reason":"…"}            {"ok":false,"reason":"…"}
/// ```
public final class ContainmentVerb implements ControlVerb {
  private final ContainmentService service;

  public ContainmentVerb(ContainmentService service) {
    this.service = service;
  }

  @Override
  public Map<String, Object> answer(
      Map<String, String> request, Consumer<Map<String, Object>> tell) {
    String partition = request.getOrDefault("partition", "");
    if (!partition.isEmpty()) {
      apply(partition, request);
    }
    List<String> lines = service.status().stream().map(ContainmentStatus::toString).toList();
    return Map.of("containment", lines);
  }

  private void apply(String partition, Map<String, String> request) {
    String word = request.getOrDefault("trigger", "");
    Trigger trigger =
        Trigger.of(word)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "\"%s\" is nothing that could be done about a partition".formatted(word)));
    String reason = request.getOrDefault("reason", "");
    try {
      service.request(
          partition, trigger, reason.isBlank() ? "a person says so" : "a person says: " + reason);
    } catch (RefusedTransitionException | StateException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
