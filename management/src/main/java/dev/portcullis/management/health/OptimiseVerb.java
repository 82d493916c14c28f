package dev.portcullis.management.health;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.platform.control.ControlVerb;
import java.util.Map;
import java.util.function.Consumer;

/// `optimise` of the control socket: says what there is to change; `apply` has it changed, all of
/// it if it names none, `revert` names a change that is undone.
public final class OptimiseVerb implements ControlVerb {
  private final Optimiser optimiser;

  public OptimiseVerb(Optimiser optimiser) {
    this.optimiser = optimiser;
  }

  @Override
  public Map<String, Object> answer(
      Map<String, String> request, Consumer<Map<String, Object>> tell) {
    try {
      if (request.containsKey("revert")) {
        optimiser.revert(request.get("revert"));
      } else if (request.containsKey("apply")) {
        applyAsAsked(request.get("apply"));
      }
      return Map.of("advice", optimiser.advice().stream().map(OptimiseVerb::row).toList());
    } catch (VmmException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private void applyAsAsked(String change) throws VmmException {
    if (change.isEmpty()) {
      optimiser.apply();
    } else {
      optimiser.apply(change);
    }
  }

  private static Map<String, String> row(Advice advice) {
    return Map.of(
        "change", advice.id(),
        "subject", advice.subject(),
        "state", advice.state().word(),
        "text", advice.text());
  }
}
