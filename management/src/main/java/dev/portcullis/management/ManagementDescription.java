package dev.portcullis.management;

import dev.portcullis.management.boot.VerifiedBootDescription;
import dev.portcullis.management.containment.ContainmentDescription;
import dev.portcullis.management.enforcement.Enforcement.Demander;
import dev.portcullis.management.enforcement.RemediationNetwork;
import dev.portcullis.management.integrity.IntegrityDescription;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// What the services partition does for the others.
///
/// @param state folder for what must outlive a sudden end
/// @param remediation where a partition gets help that may go nowhere else
/// @param boot how partitions are verified before they begin
/// @param integrity what memory must not change
/// @param containment what is done about an outbreak
public record ManagementDescription(
    Path state,
    RemediationNetwork remediation,
    Optional<VerifiedBootDescription> boot,
    Optional<IntegrityDescription> integrity,
    Optional<ContainmentDescription> containment) {

  /// Who decides how much of the network a partition has.
  Set<Demander> deciders() {
    return containment.isPresent() ? Set.of(Demander.CONTAINMENT) : Set.of();
  }
}
