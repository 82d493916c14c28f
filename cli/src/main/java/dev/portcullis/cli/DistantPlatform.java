package dev.portcullis.cli;

import dev.portcullis.vmm.console.Wish;
import java.io.Console;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// `--url` and what belongs to it: a platform that is reached through its Redfish service.
final class DistantPlatform {
  private static final int MOST_BYTES = 1 << 20;

  @Option(
      names = "--url",
      paramLabel = "https://HOST:PORT",
      description = "The Redfish service of the platform; without it, a platform of this computer.")
  private URI url;

  @Option(names = "--user", paramLabel = "NAME", description = "Your account there.")
  private String user;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "Has its password on its first line; you are asked for it if not given.")
  private Path passwordFile;

  @Option(
      names = "--certificate",
      paramLabel = "FILE.pem",
      description = {
        "The service's certificate, or those that vouch for it; those that Java trusts if not",
        "given."
      })
  private Path certificate;

  /// Whether that is the platform which is meant.
  boolean isWanted() throws UserError {
    if (url == null && (user != null || passwordFile != null || certificate != null)) {
      throw new UserError("--user, --password-file and --certificate belong to --url");
    }
    return url != null;
  }

  /// Takes a seat at a console there.
  ///
  /// @throws IOException with the reason, if it cannot be had
  RemoteConsole attach(String partition, Wish wish, long from)
      throws IOException, UserError, InterruptedException {
    if (!"https".equals(url.getScheme()) || url.getHost() == null || url.getUserInfo() != null) {
      throw new UserError("--url is https://HOST:PORT");
    }
    if (user == null) {
      throw new UserError("--url needs --user: your account there");
    }
    var context = ServiceTrust.context(certificate);
    return RemoteConsole.attach(
        context, url, new RemoteConsole.Login(user, password()), partition, wish, from);
  }

  private String password() throws IOException, UserError {
    if (passwordFile != null) {
      if (Files.size(passwordFile) > MOST_BYTES) {
        throw new UserError(passwordFile + " is too large for a password");
      }
      return Files.readString(passwordFile, StandardCharsets.UTF_8)
          .lines()
          .findFirst()
          .orElseThrow(() -> new UserError(passwordFile + " has no password"));
    }
    Console console = System.console();
    if (!Terminal.is(Terminal.Stream.INPUT) || console == null) {
      throw new UserError("nobody can be asked for the password: give --password-file");
    }
    char[] password = console.readPassword("Password of %s: ", user);
    if (password == null) {
      throw new UserError("no password");
    }
    return new String(password);
  }
}
