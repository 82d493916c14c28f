package dev.portcullis.cli;

import dev.portcullis.machine.description.ByteSize;
import dev.portcullis.management.health.Check;
import dev.portcullis.management.health.CheckResult.Outcome;
import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.json.JsonMapper;

/// Looks whether a running platform is well.
@Command(
    name = "diagnose",
    description = {
      "Looks whether a running platform is well, and disturbs none of its partitions: has the unit",
      "walk known tables, has every assigned function's requests come back from memory, tests free",
      "memory, reads every block of every disk.",
      "Exit code: 0 nothing is wrong, 1 something is, or it could not be looked at."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DiagnoseCommand implements Callable<Integer> {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int WRONG = 1;

  @Spec private CommandSpec spec;
  @Mixin private ControlSocket control;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "CHECK",
      converter = CheckWord.class,
      description = "Only these, with commas between them: unit, dma, memory, disk.")
  private List<Check> only = List.of();

  @Option(
      names = "--rate",
      paramLabel = "SIZE",
      converter = Rate.class,
      description = "How much of disks is read in a second; 256M if not given.")
  private Long rate;

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  /// Reads `--only`.
  private static final class CheckWord implements ITypeConverter<Check> {
    @Override
    public Check convert(String word) {
      try {
        return Check.of(word);
      } catch (IllegalArgumentException unknown) {
        throw new TypeConversionException(unknown.getMessage());
      }
    }
  }

  /// Reads `--rate`.
  private static final class Rate implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        long rate = ByteSize.parse(text);
        if (rate > 0) {
          return rate;
        }
      } catch (IllegalArgumentException refused) {
        throw new TypeConversionException(refused.getMessage());
      }
      throw new TypeConversionException("nothing is no rate");
    }
  }

  @Override
  public Integer call() throws UserError {
    Map<String, String> request = new LinkedHashMap<>();
    request.put("only", only.stream().map(Check::word).collect(Collectors.joining(",")));
    if (rate != null) {
      request.put("rate", rate.toString());
    }
    List<Map<String, String>> results;
    try (ControlClient platform = control.connect();
        ProgressLines bar = new ProgressLines(spec.commandLine().getErr())) {
      results = platform.rows("diagnose", request, "results", bar::report);
    } catch (IOException e) {
      spec.commandLine().getErr().println("portcullis: " + e.getMessage());
      return WRONG;
    }
    boolean isWell =
        results.stream().noneMatch(row -> Outcome.FAILED.word().equals(row.get("outcome")));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(
          JSON.writerWithDefaultPrettyPrinter()
              .writeValueAsString(Map.of("passed", isWell, "results", results)));
    } else {
      table(results).forEach(out::println);
    }
    out.flush();
    return isWell ? 0 : WRONG;
  }

  private static List<String> table(List<Map<String, String>> results) {
    Columns table = new Columns("CHECK", "OF", "RESULT", "WHAT WAS SEEN");
    for (Map<String, String> row : results) {
      table.row(row.get("check"), row.get("subject"), row.get("outcome"), row.get("text"));
    }
    return table.lines();
  }
}
