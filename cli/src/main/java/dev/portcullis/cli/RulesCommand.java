package dev.portcullis.cli;

import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.filter.text.RulesetText;
import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Shows what a running platform's bridge lets pass, or replaces it.
@Command(
    name = "rules",
    description = {
      "Shows the rules of a running platform's bridge and what they have counted,",
      "or replaces them all at once with those of a file."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class RulesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ControlSocket control;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      description = "The new rules, in nftables' language.")
  private Path file;

  @Option(
      names = "--keep-connections",
      description = "What is established goes on, as far as the new rules let it.")
  private boolean keep;

  @Option(
      names = "--partition",
      paramLabel = "NAME",
      description = "Whose bridge, if there are several.")
  private String partition = "";

  @Override
  public Integer call() throws UserError {
    try (ControlClient platform = control.connect()) {
      if (file == null) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(platform.rules(partition));
        out.flush();
      } else {
        // Read here, so that a mistake is told with its line before anybody is asked.
        RulesetText.read(file);
        String text = Files.readString(file);
        Established established = keep ? Established.KEEP : Established.CUT;
        platform.loadRules(partition, file.toString(), text, established);
      }
      return 0;
    } catch (IOException | RulesetException e) {
      throw new UserError(e.getMessage());
    }
  }
}
