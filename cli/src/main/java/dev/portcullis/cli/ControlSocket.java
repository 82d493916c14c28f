package dev.portcullis.cli;

import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/// `--control`: where a running platform answers.
final class ControlSocket {
  @Option(
      names = "--control",
      paramLabel = "SOCKET",
      description = "Where the platform answers; a socket of yours if not given.")
  private Path socket;

  /// The socket that was asked for, or the one that every platform of this user takes.
  Path path() {
    return Optional.ofNullable(socket).orElseGet(() -> standard(System.getenv()));
  }

  private static Path standard(Map<String, String> environment) {
    String folder = environment.get("XDG_RUNTIME_DIR");
    return folder == null || folder.isEmpty()
        ? Path.of(System.getProperty("java.io.tmpdir"))
            .resolve("portcullis-" + System.getProperty("user.name"))
            .resolve("control.sock")
        : Path.of(folder).resolve("portcullis").resolve("control.sock");
  }

  /// The platform that answers there.
  ControlClient connect() throws UserError {
    try {
      return ControlClient.connect(path());
    } catch (IOException | UnsupportedOperationException nobody) {
      throw new UserError(
          "no platform answers at " + path() + ": start one with portcullis run --for 10m");
    }
  }
}
