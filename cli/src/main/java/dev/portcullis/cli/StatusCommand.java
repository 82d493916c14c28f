package dev.portcullis.cli;

import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Shows what a running platform does.
@Command(
    name = "status",
    description = "Shows partitions, devices, domains and the unit of a running platform.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ControlSocket control;

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Override
  public Integer call() throws UserError {
    PrintWriter out = spec.commandLine().getOut();
    try (ControlClient platform = control.connect()) {
      if (json) {
        out.println(platform.statusJson());
      } else {
        StatusTable.of(platform.status()).forEach(out::println);
      }
      out.flush();
      return 0;
    } catch (IOException e) {
      throw new UserError(e.getMessage());
    }
  }
}
