package dev.portcullis.cli;

import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Says how much of the network the partitions of a running platform have, and why.
@Command(
    name = "access",
    description = {
      "Says how much of the network each partition of a running platform has, and why; of one that",
      "is named, all that is known: policy, rule, since when, facts, what is being done."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class AccessCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ControlSocket control;

  @Parameters(arity = "0..1", paramLabel = "PARTITION", description = "Its name.")
  private String partition;

  @Option(names = "--evaluate", description = "Has it looked at now first, and what helps be done.")
  private boolean evaluate;

  @Option(names = "--json", description = "Prints JSON, and nothing else.")
  private boolean json;

  @Override
  public Integer call() throws UserError {
    Map<String, String> request = new LinkedHashMap<>();
    if (partition != null) {
      request.put("partition", partition);
    }
    if (evaluate) {
      request.put("evaluate", "now");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (ControlClient platform = control.connect()) {
      if (json) {
        out.println(platform.json("access", request, "access"));
      } else {
        platform.lines("access", request, "lines").forEach(out::println);
      }
      out.flush();
      return 0;
    } catch (IOException e) {
      throw new UserError(e.getMessage());
    }
  }
}
