package dev.portcullis.management.provision;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.management.boot.VerifiedBootDescription.VerifiedPartition;
import dev.portcullis.management.boot.VerifiedBootReader;
import dev.portcullis.vmm.platform.description.Addition;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Path;
import java.util.Optional;

/// Reads files that say what partition is to come to a platform.
///
/// ```
///   partition: {…}     as in a platform file, and link: where its cable leads to
///   boot: {manifest: FILE, signature: FILE, images: [{disk: NAME, file: FILE}]}
/// ```
public final class ProvisionFile {
  /// Longest text of one.
  public static final int MOST_CHARACTERS = 64 << 10;

  private ProvisionFile() {}

  /// Reads text.
  ///
  /// @param name what messages call it
  /// @param folder what relative paths in it start from
  /// @param platform that it is to come to
  /// @throws MachineFileException with the line, and what to change
  public static Provision parse(String name, Path folder, String yaml, PlatformDescription platform)
      throws MachineFileException {
    Section file = Section.parse(name, yaml);
    Section partition =
        file.section("partition").orElseThrow(() -> file.wrong("\"partition\" is missing"));
    Addition addition = PlatformFile.addition(partition, folder, platform);
    Optional<Section> boot = file.section("boot");
    Optional<VerifiedPartition> verified =
        boot.isPresent()
            ? Optional.of(
                new VerifiedBootReader(folder, platform.with(addition))
                    .verified(boot.get(), addition.partition().name()))
            : Optional.empty();
    file.end();
    return new Provision(addition, verified);
  }
}
