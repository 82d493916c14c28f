package dev.portcullis.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/// The entry of the program.
public final class Main {
  private Main() {}

  /// Runs the command that `arguments` name, and ends with its exit code: 0 good, 2 a mistake in
  /// what was asked for, 124 out of time, or that of the guest's commands.
  public static void main(String[] arguments) {
    logOneLinePerEvent();
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int exitCode = commandLine(out, err).execute(arguments);
    out.flush();
    System.exit(exitCode);
  }

  static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    OneLineErrors errors = new OneLineErrors();
    return new CommandLine(new Portcullis())
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(errors)
        .setExecutionExceptionHandler(errors);
  }

  /// Whichever logger the JDK has: without a date and a class name on a line of their own.
  private static void logOneLinePerEvent() {
    String format = "portcullis: %5$s%6$s%n";
    System.setProperty("jdk.system.logger.format", format);
    System.setProperty("java.util.logging.SimpleFormatter.format", format);
  }
}
