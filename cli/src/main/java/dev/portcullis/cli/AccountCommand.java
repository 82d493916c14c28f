package dev.portcullis.cli;

import dev.portcullis.management.account.Account;
import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Role;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Says who may manage platforms from afar.
@Command(
    name = "account",
    description = "Says who may manage platforms through Redfish.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {AccountCommand.Add.class, AccountCommand.Remove.class})
final class AccountCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  @Command(
      name = "add",
      description = {
        "Adds an account, or gives one another password and role.",
        "The password is asked for; where standard input is no terminal, it is its first line."
      },
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Add implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NAME", description = "Who.")
    private String name;

    @Option(
        names = "--role",
        required = true,
        paramLabel = "ROLE",
        description = "Administrator, Operator or ReadOnly.")
    private String role;

    @Option(
        names = "--accounts",
        required = true,
        paramLabel = "FILE",
        description = "What the management file says at redfish.accounts.")
    private Path file;

    @Override
    public Integer call() throws UserError {
      try {
        Account account = new Account(name, Role.of(role));
        new Accounts(file, InstantSource.system()).put(account, password());
        return 0;
      } catch (AccountException | IllegalArgumentException | IOException e) {
        throw new UserError(e.getMessage());
      }
    }

    private static String password() throws IOException, UserError {
      Console console = System.console();
      if (!Terminal.is(Terminal.Stream.INPUT) || console == null) {
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line = in.readLine();
        if (line == null) {
          throw new UserError("standard input has no password");
        }
        return line;
      }
      char[] first = console.readPassword("Password: ");
      char[] second = console.readPassword("Again: ");
      if (first == null || !Arrays.equals(first, second)) {
        throw new UserError("these were not the same");
      }
      return new String(first);
    }
  }

  @Command(
      name = "remove",
      description = "Removes an account; its sessions end.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Remove implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NAME", description = "Who.")
    private String name;

    @Option(
        names = "--accounts",
        required = true,
        paramLabel = "FILE",
        description = "What the management file says at redfish.accounts.")
    private Path file;

    @Override
    public Integer call() throws UserError {
      try {
        if (!new Accounts(file, InstantSource.system()).remove(name)) {
          throw new UserError("there is no account " + name);
        }
        return 0;
      } catch (AccountException e) {
        throw new UserError(e.getMessage());
      }
    }
  }
}
