package dev.portcullis.management.redfish;

import dev.portcullis.management.recovery.DataDisk;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// `UpdateService.SimpleUpdate`: a partition is rebuilt from the safe image that its platform file
/// names. No image comes over the network: the URI says only what becomes of the data.
final class UpdateAction {
  static final String KEEP = "portcullis:safe-image?data=keep";
  static final String REPLACE = "portcullis:safe-image?data=replace";

  private final Systems systems;
  private final Rebuilds rebuilds;

  UpdateAction(Systems systems, Rebuilds rebuilds) {
    this.systems = systems;
    this.rebuilds = rebuilds;
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
    return rebuilds
        .begin(partition.get(), data.get())
        .map(task -> new Reply(202, Resource.link(task), Map.of("Location", task)))
        .orElseGet(() ->
            Reply.refusal(
                503, "ServiceTemporarilyUnavailable", "Too many rebuilds are under way."));
  }
}
