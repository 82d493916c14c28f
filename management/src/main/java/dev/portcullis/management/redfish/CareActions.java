package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.management.account.Privilege;
import dev.portcullis.management.health.Advice;
import dev.portcullis.management.health.Check;
import dev.portcullis.management.health.CheckResult;
import dev.portcullis.management.health.Diagnosis;
import dev.portcullis.management.health.DiagnosisReport;
import dev.portcullis.management.provision.ProvisionException;
import dev.portcullis.management.provision.ProvisionFile;
import dev.portcullis.management.redfish.Tasks.Progress;
import dev.portcullis.management.redfish.Tasks.Said;
import dev.portcullis.vmm.VmmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Actions of the monitor that Redfish has no words for: it looks whether the platform is well, has
/// it cost less, and brings partitions.
///
/// No file comes over the network: whoever asks for a partition names a file of a folder.
final class CareActions {
  private static final String DIAGNOSE = "Portcullis.Diagnose";
  private static final String OPTIMISE = "Portcullis.Optimise";
  private static final String REVERT = "Portcullis.Revert";
  private static final String PROVISION = "Portcullis.Provision";
  private static final String REMOVE = "Portcullis.Remove";
  private static final int MOST_FILES = 100;

  private final Care care;
  private final Tasks tasks;
  private final Optional<Path> files;

  /// @param files folder of files that say what partition is to come, if any may
  CareActions(Care care, Tasks tasks, Optional<Path> files) {
    this.care = care;
    this.tasks = tasks;
    this.files = files;
  }

  /// What the monitor says of it.
  Map<String, Object> oem() {
    Map<String, Object> all = new LinkedHashMap<>();
    care.diagnosis().last().ifPresent(report -> all.put("LastDiagnosis", shown(report)));
    try {
      all.put("Optimisations", care.optimiser().advice().stream().map(CareActions::shown).toList());
    } catch (VmmException unreadable) {
      all.put("Optimisations", List.of());
    }
    return Oem.of("Manager", all);
  }

  private static Map<String, Object> shown(DiagnosisReport report) {
    return map(
        "Time",
        report.time().toString(),
        "Passed",
        report.isPassed(),
        "Results",
        report.results().stream()
            .map(one ->
                map(
                    "Check", one.check().word(),
                    "Subject", one.subject(),
                    "Outcome", one.outcome().word(),
                    "Text", one.text()))
            .toList());
  }

  private static Map<String, Object> shown(Advice advice) {
    return map(
        "Change", advice.id(),
        "Subject", advice.subject(),
        "State", advice.state().word(),
        "Text", advice.text());
  }

  /// @param path of the manager
  Map<String, Object> actions(String path) {
    String own = path + "/Actions/Oem/";
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(
        "#" + DIAGNOSE,
        map(
            "target",
            own + DIAGNOSE,
            "Checks@Redfish.AllowableValues",
            Arrays.stream(Check.values()).map(Check::word).toList()));
    all.put("#" + OPTIMISE, map("target", own + OPTIMISE));
    all.put("#" + REVERT, map("target", own + REVERT));
    if (files.isPresent()) {
      all.put(
          "#" + PROVISION,
          map("target", own + PROVISION, "File@Redfish.AllowableValues", names(files.get())));
      all.put("#" + REMOVE, map("target", own + REMOVE));
    }
    return all;
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> isFile(file) && isName(file.getFileName().toString()))
          .map(file -> file.getFileName().toString())
          .sorted()
          .limit(MOST_FILES)
          .toList();
    } catch (IOException none) {
      return List.of();
    }
  }

  /// Not a link to elsewhere.
  private static boolean isFile(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean isName(String text) {
    return text.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}\\.yaml");
  }

  /// Whether it is an action of the monitor.
  ///
  /// @param at path below the root
  boolean takes(List<String> at) {
    return at.size() == 5
        && at.subList(0, 4).equals(List.of("Managers", "Lvmm", "Actions", "Oem"))
        && actions("").containsKey("#" + at.get(4));
  }

  /// Does it.
  Reply act(Request request, Caller caller, String action) {
    if (!request.method().equals("POST")) {
      return Reply.notAllowed(request.method(), "POST");
    }
    Privilege needed =
        Set.of(PROVISION, REMOVE).contains(action)
            ? Privilege.CONFIGURE_MANAGER
            : Privilege.CONFIGURE_COMPONENTS;
    if (!caller.may(needed)) {
      return Reply.forbidden(needed.word());
    }
    Optional<JsonNode> body = request.json();
    if (body.isEmpty()) {
      return Reply.malformed("The body is no JSON object.");
    }
    try {
      return act(action, body.get());
    } catch (IllegalArgumentException e) {
      return Reply.refusal(400, "ActionParameterValueNotInList", e.getMessage());
    } catch (VmmException | ProvisionException e) {
      return Reply.refusal(409, "GeneralError", e.getMessage());
    }
  }

  private Reply act(String action, JsonNode body) throws VmmException, ProvisionException {
    return switch (action) {
      case DIAGNOSE -> diagnose(body);
      case OPTIMISE -> {
        optimise(body);
        yield Reply.noContent();
      }
      case REVERT -> {
        care.optimiser().revert(text(body, "Change"));
        yield Reply.noContent();
      }
      case PROVISION -> provision(text(body, "File"));
      default -> {
        care.provisioning().remove(text(body, "Partition"));
        yield Reply.noContent();
      }
    };
  }

  /// One change, or all that are offered.
  private void optimise(JsonNode body) throws VmmException {
    if (body.path("Change").isMissingNode()) {
      care.optimiser().apply();
    } else {
      care.optimiser().apply(text(body, "Change"));
    }
  }

  private static String text(JsonNode body, String name) {
    if (!body.path(name).isString()) {
      throw new IllegalArgumentException(name + ", a string, is needed.");
    }
    return body.path(name).asString();
  }

  private Reply diagnose(JsonNode body) {
    Set<Check> checks = checks(body.path("Checks"));
    JsonNode rate = body.path("BytesPerSecond");
    if (!rate.isMissingNode() && (!rate.isIntegralNumber() || rate.asLong(0) <= 0)) {
      throw new IllegalArgumentException("BytesPerSecond is a number above 0.");
    }
    return tasks.begin(
        "Diagnosis", progress -> diagnose(checks, rate.asLong(Diagnosis.USUAL_RATE), progress));
  }

  private static Set<Check> checks(JsonNode list) {
    Set<Check> checks = EnumSet.noneOf(Check.class);
    if (!list.isMissingNode() && !list.isArray()) {
      throw new IllegalArgumentException("Checks is a list.");
    }
    for (JsonNode one : list) {
      checks.add(Check.of(one.asString("")));
    }
    return checks.isEmpty() ? EnumSet.allOf(Check.class) : checks;
  }

  private List<Said> diagnose(Set<Check> checks, long rate, Progress progress)
      throws InterruptedException {
    return care.diagnosis().run(checks, rate, progress::report).results().stream()
        .map(CareActions::said)
        .toList();
  }

  private static Said said(CheckResult one) {
    return new Said(
        !one.isFailed(),
        "%s, %s: %s: %s"
            .formatted(one.check().word(), one.subject(), one.outcome().word(), one.text()));
  }

  private Reply provision(String name) {
    Path folder = files.orElseThrow();
    if (!isName(name) || !isFile(folder.resolve(name))) {
      throw new IllegalArgumentException("There is no such file to provision from.");
    }
    return tasks.begin("Provisioning from " + name, progress -> bring(folder, name, progress));
  }

  private List<Said> bring(Path folder, String name, Progress progress)
      throws IOException, ProvisionException, InterruptedException {
    Path file = folder.resolve(name);
    if (Files.size(file) > ProvisionFile.MOST_CHARACTERS) {
      throw new IOException(
          "%s: more than %d bytes".formatted(name, ProvisionFile.MOST_CHARACTERS));
    }
    String partition =
        care.provisioning().provision(name, folder, Files.readString(file), progress::report);
    return List.of(new Said(true, "partition " + partition + " is there, and runs"));
  }
}
