package dev.portcullis.cli;

import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.qemu.install.ProvisioningException;
import dev.portcullis.qemu.run.QemuException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns whatever goes wrong into a line that says what to do, and an exit code.
final class OneLineErrors implements IParameterExceptionHandler, IExecutionExceptionHandler {
  static final int MISTAKE = 2;
  static final int TIMED_OUT = 124;
  private static final int BUG = 70;

  @Override
  public int handleParseException(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    String message = wrong.getMessage().lines().findFirst().orElse("");
    command
        .getErr()
        .printf(
            "portcullis: %s%s (see: %s --help)%n",
            message, suggestion(wrong), command.getCommandSpec().qualifiedName());
    return MISTAKE;
  }

  private static String suggestion(ParameterException wrong) {
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      List<String> near = unmatched.getSuggestions();
      if (!near.isEmpty()) {
        return "; did you mean " + near.getFirst() + "?";
      }
    }
    return "";
  }

  @Override
  public int handleExecutionException(Exception wrong, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    switch (wrong) {
      case OutOfTime late -> {
        err.println("portcullis: " + late.getMessage());
        return TIMED_OUT;
      }
      case UserError _,
          MachineFileException _,
          PlatformException _,
          ProvisioningException _,
          QemuException _ -> {
        err.println("portcullis: " + wrong.getMessage());
        return MISTAKE;
      }
      case InterruptedException _ -> {
        err.println("portcullis: interrupted");
        return MISTAKE;
      }
      default -> {
        err.println("portcullis: a bug, please report it with the following lines: " + wrong);
        wrong.printStackTrace(err);
        return BUG;
      }
    }
  }
}
