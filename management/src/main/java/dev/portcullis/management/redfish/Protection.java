package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.boot.BootRecord;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.containment.ContainmentService;
import dev.portcullis.management.containment.ContainmentStatus;
import dev.portcullis.management.containment.RefusedTransitionException;
import dev.portcullis.management.containment.Trigger;
import dev.portcullis.management.endpoint.AccessControl;
import dev.portcullis.management.enforcement.Enforcement;
import dev.portcullis.management.enforcement.NetworkAccess;
import dev.portcullis.management.integrity.IntegrityAgents;
import dev.portcullis.management.integrity.WatchStatus;
import dev.portcullis.management.state.StateException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What protects partitions, as far as Redfish knows no words of its own for it: the `Oem` part of
/// a system, and its actions.
///
/// @param enforcement how much of the network each partition has
public record Protection(
    VerifiedBoot boot,
    Enforcement enforcement,
    Optional<AccessControl> access,
    Optional<ContainmentService> containment,
    Optional<IntegrityAgents> integrity) {
  private static final String CONTAIN = "Portcullis.Contain";
  private static final String REEVALUATE = "Portcullis.Reevaluate";

  /// Parameters of actions that say what is wanted.
  static final List<String> PARAMETERS = List.of("ResetType", "ImageURI", "Trigger");

  private static final int MOST_REASON_CHARACTERS = 256;

  /// How it stands with a partition.
  Map<String, Object> of(String partition) {
    Map<String, Object> all = new LinkedHashMap<>();
    boot.record(partition).ifPresent(record -> all.put("VerifiedBoot", booted(record)));
    NetworkAccess network = enforcement.inForce(partition);
    all.put("Network", map("Level", word(network.level()), "Reason", network.reason()));
    controls(partition)
        .flatMap(control -> control.decision(partition))
        .ifPresent(decision -> all.put("Access", decided(decision)));
    standing(partition).ifPresent(status -> all.put("Containment", stands(status)));
    integrity.stream()
        .flatMap(agents -> agents.status().stream())
        .filter(status -> status.partition().equals(partition))
        .forEach(status -> all.put("Integrity", watched(status)));
    return all;
  }

  private Optional<ContainmentStatus> standing(String partition) {
    return containment.stream()
        .flatMap(service -> service.status().stream())
        .filter(status -> status.partition().equals(partition))
        .findFirst();
  }

  /// What controls the access of a partition, if anything does.
  private Optional<AccessControl> controls(String partition) {
    return access.filter(control -> control.isControlled(partition));
  }

  private static Map<String, Object> booted(BootRecord record) {
    Map<String, Object> booted = new LinkedHashMap<>();
    booted.put("Verdict", word(record.verdict()));
    booted.put("Time", record.time().toString());
    booted.put("Findings", record.findings());
    record.manifestVersion().ifPresent(version -> booted.put("ManifestVersion", version));
    Map<String, Object> registers = new LinkedHashMap<>();
    record.registers().forEach((number, value) -> registers.put(number.toString(), value));
    booted.put("Registers", registers);
    return booted;
  }

  private static Map<String, Object> decided(AccessDecision decision) {
    Map<String, Object> decided = map("Verdict", word(decision.verdict()));
    decision.rule().ifPresent(rule -> decided.put("Rule", rule));
    decided.put("Reason", decision.reason());
    return decided;
  }

  private static Map<String, Object> stands(ContainmentStatus status) {
    Map<String, Object> stands =
        map(
            "State", status.standing().state().word(),
            "Since", status.standing().since().toString(),
            "Reason", status.standing().reason());
    status.until().ifPresent(until -> stands.put("Until", until.toString()));
    return stands;
  }

  private static Map<String, Object> watched(WatchStatus status) {
    return map(
        "Ranges", status.ranges().stream().map(range -> range.name()).toList(),
        "Pages", status.pages(),
        "Rotations", status.rotations(),
        "ChangedPages", status.changes());
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// What can be done about it.
  ///
  /// @param path of the system
  Map<String, Object> actions(String path, String partition) {
    Map<String, Object> actions = new LinkedHashMap<>();
    if (standing(partition).isPresent()) {
      actions.put(
          "#" + CONTAIN,
          map(
              "target",
              path + "/Actions/Oem/" + CONTAIN,
              "Trigger@Redfish.AllowableValues",
              Arrays.stream(Trigger.values())
                  .filter(one -> one != Trigger.EXPIRE)
                  .map(Trigger::word)
                  .toList()));
    }
    if (controls(partition).isPresent()) {
      actions.put("#" + REEVALUATE, map("target", path + "/Actions/Oem/" + REEVALUATE));
    }
    return actions;
  }

  /// Whether there is an action of that name for a partition.
  boolean has(String action, String partition) {
    return action.equals(CONTAIN) && standing(partition).isPresent()
        || action.equals(REEVALUATE) && controls(partition).isPresent();
  }

  /// Does what [#has].
  Reply act(String action, String partition, JsonNode body) {
    if (action.equals(REEVALUATE)) {
      access.orElseThrow().reevaluate(partition);
      return Reply.noContent();
    }
    String word = body.path("Trigger").asString("");
    Optional<Trigger> trigger = Trigger.of(word);
    if (trigger.isEmpty()) {
      return Reply.refusal(
          400,
          "ActionParameterValueNotInList",
          "\"" + word + "\" is no Trigger that is known here.");
    }
    String reason = body.path("Reason").asString("");
    if (reason.length() > MOST_REASON_CHARACTERS) {
      return Reply.refusal(
          400,
          "StringValueTooLong",
          "Reason has at most %d characters.".formatted(MOST_REASON_CHARACTERS));
    }
    try {
      containment.orElseThrow().request(partition, trigger.get(), said(reason));
      return Reply.noContent();
    } catch (RefusedTransitionException | IllegalArgumentException e) {
      return Reply.refusal(409, "GeneralError", e.getMessage());
    } catch (StateException e) {
      return Reply.refusal(503, "GeneralError", e.getMessage());
    }
  }

  private static String said(String reason) {
    return reason.isBlank() ? "a person says so" : "a person says: " + reason;
  }
}
