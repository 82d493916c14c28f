package dev.portcullis.management;

import dev.portcullis.management.boot.VerifiedBootDescription;
import dev.portcullis.management.containment.ContainmentDescription;
import dev.portcullis.management.endpoint.AccessDescription;
import dev.portcullis.management.enforcement.Enforcement.Demander;
import dev.portcullis.management.enforcement.RemediationNetwork;
import dev.portcullis.management.health.HealthDescription;
import dev.portcullis.management.integrity.IntegrityDescription;
import dev.portcullis.management.provision.Provisioned;
import dev.portcullis.management.redfish.RedfishDescription;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// What the services partition does for the others.
///
/// @param state folder for what must outlive a sudden end
/// @param provisioned the platform with what has come to it since its file was written
/// @param remediation where a partition gets help that may go nowhere else
/// @param boot how partitions are verified before they begin
/// @param integrity what memory must not change
/// @param containment what is done about an outbreak
/// @param access how access to the network is controlled
/// @param health what is done about what is ill
/// @param redfish where others manage the platform from
public record ManagementDescription(
    Path state,
    Provisioned provisioned,
    RemediationNetwork remediation,
    Optional<VerifiedBootDescription> boot,
    Optional<IntegrityDescription> integrity,
    Optional<ContainmentDescription> containment,
    Optional<AccessDescription> access,
    Optional<HealthDescription> health,
    Optional<RedfishDescription> redfish) {

  /// Who decides how much of the network a partition has.
  Set<Demander> deciders() {
    Set<Demander> deciders = EnumSet.noneOf(Demander.class);
    containment.ifPresent(one -> deciders.add(Demander.CONTAINMENT));
    access.ifPresent(one -> deciders.add(Demander.ACCESS));
    return deciders;
  }
}
