package dev.portcullis.management.redfish;

import dev.portcullis.management.recovery.DataDisk;
import dev.portcullis.management.recovery.Recovery;
import dev.portcullis.management.redfish.Tasks.Said;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// `UpdateService.SimpleUpdate`: a partition is rebuilt from the safe image that its platform file
/// names. No image comes over the network: the URI says only what becomes of the data.
final class UpdateAction {
  static final String KEEP = "portcullis:safe-image?data=keep";
  static final String REPLACE = "portcullis:safe-image?data=replace";

  private final Systems systems;
  private final Recovery recovery;
  private final Tasks tasks;

  UpdateAction(Systems systems, Recovery recovery, Tasks tasks) {
    this.systems = systems;
    this.recovery = recovery;
    this.tasks = tasks;
  }

  Reply run(JsonNode body) {
    Optional<DataDisk> data =
        switch (body.path("ImageURI").asString("")) {
          case KEEP -> Optional.of(DataDisk.KEEP);
          case REPLACE -> Optional.of(DataDisk.REPLACE);
          default -> Optional.empty();
        };
    if (data.isEmpty()) {
      return Reply.refusal(
          400, "ActionParameterValueNotInList", "ImageURI is " + KEEP + " or " + REPLACE + ".");
    }
    JsonNode targets = body.path("Targets");
    if (!targets.isArray() || targets.size() != 1) {
      return Reply.refusal(
          400, "ActionParameterMissing", "Targets is a list with the address of one system.");
    }
    String target = targets.get(0).asString("");
    String prefix = Systems.PATH + "/";
    Optional<String> partition =
        target.startsWith(prefix)
            ? Addresses.decoded(target.substring(prefix.length()))
            : Optional.empty();
    if (partition.flatMap(systems::partition).isEmpty()) {
      return Reply.refusal(
          400, "ActionParameterValueNotInList", "There is no system at " + target + ".");
    }
    String name = partition.get();
    return tasks.begin(
        "Rebuild of " + name,
        progress -> {
          recovery.rebuild(name, data.get(), progress::report);
          return List.of(new Said(true, "it was rebuilt"));
        });
  }
}
