package dev.portcullis.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The program itself: says what there is.
@Command(
    name = "portcullis",
    description = "Intel VT-d as software: a remapping unit that an unmodified Linux drives.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      RunCommand.class,
      StatusCommand.class,
      InventoryCommand.class,
      PartitionCommand.class,
      ContainCommand.class,
      AccessCommand.class,
      BootCommand.class,
      RebuildCommand.class,
      DiagnoseCommand.class,
      OptimiseCommand.class,
      ProvisionCommand.class,
      AttachCommand.class,
      AccountCommand.class,
      LogCommand.class,
      AssignmentCommands.Assign.class,
      AssignmentCommands.Release.class,
      AssignmentCommands.Reassign.class,
      RulesCommand.class,
      PolicyCommand.class,
      IoModelsCommand.class,
      LinuxCommand.class,
      ServeCommand.class,
      QtestCommand.class,
      TourCommand.class,
      DoctorCommand.class
    },
    footer = {"", "Start with: portcullis doctor, then portcullis run."})
final class Portcullis implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }
}
