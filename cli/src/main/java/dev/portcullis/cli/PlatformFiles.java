package dev.portcullis.cli;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Which platform a person means.
final class PlatformFiles {
  private static final String STANDARD = "examples/client-platform.yaml";

  private PlatformFiles() {}

  /// The platform in `file`; if none is named, the client platform that comes with the program.
  static PlatformDescription read(Optional<Path> file) throws MachineFileException {
    return PlatformFile.read(file.orElseGet(PlatformFiles::standard));
  }

  /// As people write it if they are where the program is.
  private static Path standard() {
    Path here = Path.of(STANDARD);
    Path home = Path.of(System.getProperty("portcullis.home", "")).resolve(STANDARD);
    return Files.exists(here) ? here : home;
  }
}
