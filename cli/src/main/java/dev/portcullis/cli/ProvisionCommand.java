package dev.portcullis.cli;

import dev.portcullis.management.provision.ProvisionFile;
import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Brings a partition to a running platform, or takes one away that was brought.
@Command(
    name = "provision",
    description = {
      "Brings a partition to a running platform: memory, devices, a cable; its disks are written",
      "from their safe images, verified, and it starts. It stays, also when the platform is",
      "started again, until it is removed.",
      "Exit code: 0 it runs (or is gone), 1 it is not there, and nothing of it is (one line says",
      "why)."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ProvisionCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  @Spec private CommandSpec spec;
  @Mixin private ControlSocket control;

  @ArgGroup(multiplicity = "1")
  private Wish wish;

  /// One of the two.
  private static final class Wish {
    @Parameters(
        index = "0",
        paramLabel = "FILE.yaml",
        description = "What is to come; see docs/services/provisioning.md.")
    private Path file;

    @Option(
        names = "--remove",
        paramLabel = "PARTITION",
        description = "Takes away a partition that was provisioned.")
    private String removed;
  }

  @Override
  public Integer call() throws UserError {
    Map<String, String> request =
        wish.removed == null ? request(wish.file) : Map.of("remove", wish.removed);
    String partition;
    try (ControlClient platform = control.connect();
        ProgressLines bar = new ProgressLines(spec.commandLine().getErr())) {
      partition =
          platform
              .carryOut("provision", request, bar::report)
              .getOrDefault("partition", wish.removed);
    } catch (IOException e) {
      spec.commandLine().getErr().println("portcullis: " + e.getMessage());
      return FAILED;
    }
    spec.commandLine()
        .getOut()
        .println(
            "partition " + partition + (wish.removed == null ? " is there, and runs" : " is gone"));
    return 0;
  }

  private static Map<String, String> request(Path file) throws UserError {
    try {
      if (Files.size(file) > ProvisionFile.MOST_CHARACTERS) {
        throw new UserError(
            "%s: more than %d bytes".formatted(file, ProvisionFile.MOST_CHARACTERS));
      }
      Path folder = file.toAbsolutePath().getParent();
      return Map.of(
          "source", file.toString(), "folder", folder.toString(), "text", Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new UserError("there is no file " + file);
    } catch (CharacterCodingException e) {
      throw new UserError(file + " is not text");
    } catch (IOException e) {
      throw new UserError("cannot read " + file + ": " + e.getMessage());
    }
  }
}
