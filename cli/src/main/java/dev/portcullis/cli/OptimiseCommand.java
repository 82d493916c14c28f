package dev.portcullis.cli;

import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/// Says what a running platform's unit costs, and changes what costs more than it must.
@Command(
    name = "optimise",
    description = {
      "Says what the work of a running platform's unit costs and what could be changed about it,",
      "with the figures; changes it, or undoes a change."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class OptimiseCommand implements Callable<Integer> {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Spec private CommandSpec spec;
  @Mixin private ControlSocket control;
  @ArgGroup private Wish wish;

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  /// One of the two.
  private static final class Wish {
    @Option(
        names = "--apply",
        paramLabel = "CHANGE",
        arity = "0..1",
        fallbackValue = "",
        description = "Makes this change, or all that are offered.")
    private String applied;

    @Option(names = "--revert", paramLabel = "CHANGE", description = "Undoes this change.")
    private String reverted;
  }

  private Map<String, String> request() {
    if (wish == null) {
      return Map.of();
    }
    return wish.reverted == null ? Map.of("apply", wish.applied) : Map.of("revert", wish.reverted);
  }

  @Override
  public Integer call() throws UserError {
    List<Map<String, String>> rows;
    try (ControlClient platform = control.connect()) {
      rows = platform.rows("optimise", request(), "advice", (step, fraction) -> {});
    } catch (IOException e) {
      throw new UserError(e.getMessage());
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(rows));
    } else {
      table(rows).forEach(out::println);
    }
    out.flush();
    return 0;
  }

  private static List<String> table(List<Map<String, String>> rows) {
    Columns table = new Columns("OF", "STATE", "CHANGE", "WHY");
    for (Map<String, String> row : rows) {
      table.row(row.get("subject"), row.get("state"), row.get("change"), row.get("text"));
    }
    return table.lines();
  }
}
