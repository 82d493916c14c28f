package dev.portcullis.management.endpoint;

import dev.portcullis.management.remediation.RemediationStep;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.platform.description.NetworkAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How access to the network is controlled.
///
/// @param policy its file
/// @param every how long after a decision the next one is due
/// @param fresh how old a report may be
/// @param help address of the services partition's host that helps, if there is one
/// @param hashed guest physical pages by partition, whose hashes policies can ask about
/// @param steps what is done about partitions that may less than everything, in this order
public record AccessDescription(
    Path policy,
    Duration every,
    Duration fresh,
    Optional<NetworkAddress> help,
    Map<String, List<PageRange>> hashed,
    List<RemediationStep> steps) {
  public AccessDescription {
    hashed = Map.copyOf(hashed);
    steps = List.copyOf(steps);
  }
}
