package dev.portcullis.cli;

import dev.portcullis.management.containment.Trigger;
import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Contains a partition of a running platform, or lets it go; says where all of them stand.
@Command(
    name = "contain",
    description = {
      "Cuts a partition of a running platform off from all but remediation, or does what --action",
      "says; then, and if no partition is given, says where each partition stands."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ContainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ControlSocket control;

  @Parameters(arity = "0..1", paramLabel = "PARTITION", description = "Its name.")
  private String partition;

  @Option(
      names = "--action",
      paramLabel = "ACTION",
      description = "contain if not given; suspect, clear, remediate, verify, release, power-off.")
  private String action = "contain";

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "For those who read the audit log.")
  private String reason = "";

  @Override
  public Integer call() throws UserError {
    Map<String, String> request = new LinkedHashMap<>();
    if (partition != null) {
      Trigger trigger =
          Trigger.of(action).orElseThrow(() -> new UserError("\"" + action + "\" is no --action"));
      request.put("partition", partition);
      request.put("trigger", trigger.word());
      request.put("reason", reason);
    }
    try (ControlClient platform = control.connect()) {
      print(platform.lines("contain", request, "containment"));
      return 0;
    } catch (IOException e) {
      throw new UserError(e.getMessage());
    }
  }

  private void print(List<String> lines) {
    PrintWriter out = spec.commandLine().getOut();
    lines.forEach(out::println);
    out.flush();
  }
}
