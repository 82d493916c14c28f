package dev.portcullis.cli;

import dev.portcullis.vmm.audit.AuditLog;
import dev.portcullis.vmm.audit.Verification;
import dev.portcullis.vmm.audit.Verification.Broken;
import dev.portcullis.vmm.audit.Verification.Verified;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Works on audit logs.
@Command(
    name = "log",
    description = "Works on audit logs.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = LogCommand.Verify.class)
final class LogCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  @Command(
      name = "verify",
      description = {
        "Says whether an audit log is as it was written, with all its files.",
        "Exit code: 0 it is, 1 it is not (one line says where), 2 it cannot be read."
      },
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Verify implements Callable<Integer> {
    private static final int BROKEN = 1;

    @Spec private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "Its newest file.")
    private Path file;

    @Option(
        names = "--checkpoint",
        paramLabel = "FILE",
        description = "What knows a record of it: shows whether its end was cut off.")
    private Path checkpoint;

    @Override
    public Integer call() throws UserError {
      demandFile(file);
      if (checkpoint != null) {
        demandFile(checkpoint);
      }
      try {
        return told(AuditLog.verify(file, Optional.ofNullable(checkpoint)));
      } catch (IOException e) {
        throw new UserError("cannot be read: " + e.getMessage(), e);
      }
    }

    private static void demandFile(Path file) throws UserError {
      if (!Files.exists(file)) {
        throw new UserError(file + ": there is no such file");
      }
      if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
        throw new UserError(file + ": no file that can be read");
      }
    }

    private int told(Verification result) {
      PrintWriter out = spec.commandLine().getOut();
      return switch (result) {
        case Verified whole -> {
          out.printf(
              "%s: %,d records%s, %s to %s, head %d %s%n",
              file,
              whole.records(),
              whole.files() == 1 ? "" : " in %,d files".formatted(whole.files()),
              whole.first(),
              whole.last(),
              whole.head().sequence(),
              whole.head().hash());
          yield 0;
        }
        case Broken place -> {
          out.println(place);
          yield BROKEN;
        }
      };
    }
  }
}
