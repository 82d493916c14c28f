package dev.portcullis.cli;

import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.guest.LinuxPlan;
import dev.portcullis.machine.guest.LinuxRun;
import dev.portcullis.qemu.guest.GuestSession;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.run.QemuException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Boots a Linux and gives its console to the person, or commands to it.
@Command(
    name = "linux",
    description = {
      "Boots an unmodified Linux in QEMU behind our unit, and gives you its console.",
      "With --exec runs commands as root instead, prints what they print, and ends with their exit"
          + " code."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class LinuxCommand implements Callable<Integer> {
  /// A day: longer than anybody waits, shorter than what a `Duration` of nanoseconds can hold.
  private static final Duration NO_LIMIT = Duration.ofDays(365);

  @Spec private CommandSpec spec;

  @Mixin private LinuxOptions options;

  @Option(
      names = "--exec",
      paramLabel = "COMMANDS",
      description = "Shell commands to run as root in the guest.")
  private String commands;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "Ends a run of --exec that takes longer, with exit code 124.")
  private Integer timeoutSeconds;

  @Override
  public Integer call() throws Exception {
    checkCombination();
    LinuxPlan plan;
    try (ProgressLines progress = new ProgressLines(spec.commandLine().getErr())) {
      plan = options.plan(Cache.in(Cache.defaultHome(System.getenv())), progress);
    }
    try (LinuxRun run = LinuxRun.of(plan)) {
      int exitCode = commands == null ? interactive(run) : execute(run);
      new Summary(spec.commandLine().getErr()).print(run.statistics());
      return exitCode;
    }
  }

  private void checkCombination() throws UserError {
    if (timeoutSeconds != null && (commands == null || timeoutSeconds <= 0)) {
      throw new ParameterException(
          spec.commandLine(), "--timeout is a number of seconds, at least 1, and goes with --exec");
    }
    if (commands == null && !Terminal.is(Terminal.Stream.INPUT)) {
      throw new UserError(
          "standard input is no terminal to put a console on; give commands with --exec");
    }
  }

  private int interactive(LinuxRun run)
      throws QemuException, PlatformException, InterruptedException {
    spec.commandLine()
        .getErr()
        .println("portcullis: booting; Ctrl-A X ends the machine, \"poweroff\" does so in order");
    try (TerminalState _ = TerminalState.save()) {
      return run.runOnTerminal();
    }
  }

  private int execute(LinuxRun run)
      throws OutOfTime, QemuException, PlatformException, InterruptedException {
    Duration limit = timeoutSeconds == null ? NO_LIMIT : Duration.ofSeconds(timeoutSeconds);
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    try {
      GuestSession guest = run.boot(limit);
      OutputStream out = new FileOutputStream(FileDescriptor.out);
      OutputStream err = new FileOutputStream(FileDescriptor.err);
      Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
      int exitCode = guest.run(commands, out, err, left);
      guest.powerOff();
      return exitCode;
    } catch (QemuException e) {
      if (System.nanoTime() - deadlineNanos >= 0) {
        throw new OutOfTime(timeoutSeconds, e);
      }
      throw e;
    }
  }
}
