package dev.portcullis.management;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.management.boot.VerifiedBootReader;
import dev.portcullis.management.containment.ContainmentReader;
import dev.portcullis.management.endpoint.AccessDescription;
import dev.portcullis.management.endpoint.AccessReader;
import dev.portcullis.management.enforcement.RemediationNetwork;
import dev.portcullis.management.enforcement.RemediationNetwork.Own;
import dev.portcullis.management.health.HealthReader;
import dev.portcullis.management.integrity.IntegrityReader;
import dev.portcullis.management.provision.Provisioned;
import dev.portcullis.management.redfish.RedfishReader;
import dev.portcullis.management.remediation.HelpHost;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Reads management files: the file that a platform file names with its key `management`.
public final class ManagementFile {
  private ManagementFile() {}

  /// Reads a file. Paths in it are relative to its folder.
  ///
  /// @param platform whose partitions and devices it may name
  /// @throws MachineFileException with the line, and what to change
  public static ManagementDescription read(Path path, PlatformDescription platform)
      throws MachineFileException {
    return of(Section.read(path), Section.folderOf(path), platform);
  }

  /// Reads text.
  ///
  /// @param name what messages call it
  /// @param folder what relative paths in it start from
  /// @param platform whose partitions and devices it may name
  /// @throws MachineFileException with the line, and what to change
  public static ManagementDescription parse(
      String name, Path folder, String yaml, PlatformDescription platform)
      throws MachineFileException {
    return of(Section.parse(name, yaml), folder, platform);
  }

  private static ManagementDescription of(Section file, Path folder, PlatformDescription written)
      throws MachineFileException {
    Path state = file.required("state", text -> folder.resolve(text).normalize());
    Provisioned provisioned = Provisioned.load(state, written);
    PlatformDescription platform = provisioned.platform();
    Optional<Section> integrity = file.section("integrity");
    Optional<Section> containment = file.section("containment");
    Optional<Section> accessSection = file.section("access");
    Optional<AccessDescription> access =
        accessSection.isPresent()
            ? Optional.of(new AccessReader(folder, platform).read(accessSection.get()))
            : Optional.empty();
    List<Ipv4Address> remediation =
        file.values("remediation", Ipv4Address::parse).orElse(List.of());
    Optional<Own> help =
        access.flatMap(AccessDescription::help).map(own -> new Own(own.address(), HelpHost.PORT));
    Optional<Section> health = file.section("health");
    Optional<Section> redfish = file.section("redfish");
    ManagementDescription description =
        new ManagementDescription(
            state,
            provisioned,
            new RemediationNetwork(remediation, help),
            new VerifiedBootReader(folder, platform).read(file),
            integrity.isPresent()
                ? Optional.of(new IntegrityReader(platform).read(integrity.get()))
                : Optional.empty(),
            containment.isPresent()
                ? Optional.of(new ContainmentReader(platform).read(containment.get()))
                : Optional.empty(),
            access,
            health.isPresent()
                ? Optional.of(new HealthReader(platform).read(health.get()))
                : Optional.empty(),
            redfish.isPresent()
                ? Optional.of(new RedfishReader(folder).read(redfish.get()))
                : Optional.empty());
    file.end();
    return description;
  }
}
