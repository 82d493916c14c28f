package dev.portcullis.cli;

import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Starts and stops partitions of a running platform.
@Command(
    name = "partition",
    description = "Starts, pauses, resumes, resets or stops a partition of a running platform.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class PartitionCommand implements Callable<Integer> {
  @Mixin private ControlSocket control;

  @Parameters(
      index = "0",
      paramLabel = "ACTION",
      description =
          "start, pause, resume, reset, power-down, kill; scrub: zeroes the memory of one that is"
              + " off.")
  private String action;

  @Parameters(index = "1", paramLabel = "PARTITION", description = "Its name.")
  private String partition;

  @Override
  public Integer call() throws UserError {
    PowerAction wanted =
        Arrays.stream(PowerAction.values())
            .filter(one -> written(one).equals(action))
            .findFirst()
            .orElseThrow(() -> new UserError("\"" + action + "\" is none of " + names()));
    try (ControlClient platform = control.connect()) {
      platform.power(wanted, partition);
      return 0;
    } catch (IOException e) {
      throw new UserError(e.getMessage());
    }
  }

  private static String written(PowerAction action) {
    return action.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String names() {
    List<String> names =
        Arrays.stream(PowerAction.values()).map(PartitionCommand::written).toList();
    return String.join(", ", names);
  }
}
