package dev.portcullis.cli;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.access.Facts;
import dev.portcullis.management.access.FactsFile;
import dev.portcullis.management.access.Policy;
import dev.portcullis.management.access.PolicyException;
import dev.portcullis.management.access.PolicyFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Works on access policies.
@Command(
    name = "policy",
    description = "Works on access policies.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = PolicyCommand.Test.class)
final class PolicyCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  @Command(
      name = "test",
      description = {
        "Says what a policy decides about a partition of which certain facts are known, and why.",
        "Exit code: 0 unrestricted access, 1 conditional or denied, 2 a file makes no sense."
      },
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Test implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Spec private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "POLICY", description = "The policy, YAML.")
    private Path policy;

    @Parameters(index = "1", paramLabel = "FACTS", description = "What is known, YAML or JSON.")
    private Path facts;

    @Option(names = "--json", description = "Prints the decision as JSON, and nothing else.")
    private boolean json;

    @Override
    public Integer call() throws UserError, MachineFileException {
      AccessDecision decision = decide();
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(toJson(decision));
      } else {
        decision.trace().forEach(step -> out.println("  " + step));
        out.printf("%s: %s%n", word(decision), decision.reason());
      }
      out.flush();
      return decision.verdict() == Verdict.UNRESTRICTED ? 0 : 1;
    }

    private AccessDecision decide() throws UserError, MachineFileException {
      try {
        Policy read = PolicyFile.read(policy);
        Facts known = FactsFile.read(facts);
        return read.decide(known);
      } catch (PolicyException e) {
        throw new UserError(e.getMessage());
      }
    }

    private static String word(AccessDecision decision) {
      return decision.verdict().name().toLowerCase(Locale.ROOT);
    }

    private static String toJson(AccessDecision decision) {
      ObjectNode node = JSON.createObjectNode();
      node.put("result", word(decision));
      decision.rule().ifPresent(rule -> node.put("rule", rule));
      node.put("reason", decision.reason());
      decision.trace().forEach(node.putArray("trace")::add);
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node);
    }
  }
}
