package dev.portcullis.cli;

import dev.portcullis.management.recovery.DataDisk;
import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Rebuilds a partition of a running platform from its safe image.
@Command(
    name = "rebuild",
    description = {
      "Rebuilds a partition of a running platform from its safe image: kills it, writes its disks,",
      "each block checked before, verifies them, and starts it.",
      "Exit code: 0 it runs, 1 it was not rebuilt (one line says why)."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class RebuildCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  @Spec private CommandSpec spec;
  @Mixin private ControlSocket control;

  @Parameters(index = "0", paramLabel = "PARTITION", description = "Its name.")
  private String partition;

  @Option(
      names = "--data",
      paramLabel = "keep|replace",
      defaultValue = "keep",
      description = "What becomes of its data: kept if not given; replaced by images, or zeroes.")
  private DataDisk data;

  @Override
  public Integer call() throws UserError {
    try (ControlClient platform = control.connect();
        ProgressLines bar = new ProgressLines(spec.commandLine().getErr())) {
      platform.rebuild(partition, data.word(), bar::report);
    } catch (IOException e) {
      spec.commandLine().getErr().println("portcullis: " + e.getMessage());
      return FAILED;
    }
    spec.commandLine().getOut().println("partition " + partition + " was rebuilt and runs");
    return 0;
  }
}
