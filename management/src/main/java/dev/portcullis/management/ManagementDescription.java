package dev.portcullis.management;

import dev.portcullis.management.enforcement.Enforcement.Demander;
import dev.portcullis.management.enforcement.RemediationNetwork;
import java.nio.file.Path;
import java.util.Set;

/// What the services partition does for the others.
///
/// @param state folder for what must outlive a sudden end
/// @param remediation where a partition gets help that may go nowhere else
public record ManagementDescription(Path state, RemediationNetwork remediation) {

  /// Who decides how much of the network a partition has.
  Set<Demander> deciders() {
    return Set.of();
  }
}
