package dev.portcullis.cli;

import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Gives devices of a running platform to partitions, and takes them away.
final class AssignmentCommands {
  private AssignmentCommands() {}

  private static int change(ControlSocket control, String verb, String device, String partition)
      throws UserError {
    try (ControlClient platform = control.connect()) {
      platform.change(verb, device, partition);
      return 0;
    } catch (IOException e) {
      throw new UserError(e.getMessage());
    }
  }

  @Command(
      name = "assign",
      description = "Gives a device of a running platform, reset, to a partition.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Assign implements Callable<Integer> {
    @Mixin private ControlSocket control;

    @Parameters(index = "0", paramLabel = "DEVICE", description = "Its name, or its place.")
    private String device;

    @Parameters(index = "1", paramLabel = "PARTITION", description = "Who gets it.")
    private String partition;

    @Override
    public Integer call() throws UserError {
      return change(control, "assign", device, partition);
    }
  }

  @Command(
      name = "release",
      description = "Takes a device of a running platform from its partition.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Release implements Callable<Integer> {
    @Mixin private ControlSocket control;

    @Parameters(index = "0", paramLabel = "DEVICE", description = "Its name, or its place.")
    private String device;

    @Override
    public Integer call() throws UserError {
      return change(control, "release", device, "");
    }
  }

  @Command(
      name = "reassign",
      description = "Takes a device of a running platform from its partition and gives it another.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Reassign implements Callable<Integer> {
    @Mixin private ControlSocket control;

    @Parameters(index = "0", paramLabel = "DEVICE", description = "Its name, or its place.")
    private String device;

    @Parameters(index = "1", paramLabel = "PARTITION", description = "Who gets it.")
    private String partition;

    @Override
    public Integer call() throws UserError {
      return change(control, "reassign", device, partition);
    }
  }
}
