package dev.portcullis.qemu.install;

import dev.portcullis.qemu.host.HostCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The host's apt, working on a state of our own: it solves dependencies as if nothing were
/// installed, fetches through whatever proxies and credentials the host has configured, and never
/// touches the host's packages. Needs no root.
final class Apt {

  private static final Duration LIST_LIFETIME = Duration.ofHours(1);
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final String KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

  private final Path home;
  private final List<DebianSuite> suites;

  /// @param home a folder for the package lists; kept between uses
  /// @param suites the suites to know about
  Apt(Path home, List<DebianSuite> suites) {
    this.home = home;
    this.suites = suites;
  }

  /// Fetches the package lists, unless they are less than an hour old.
  void refresh(String step, Progress progress) throws ProvisioningException, InterruptedException {
    Path stamp = stamp();
    try {
      if (Files.exists(stamp) && age(stamp).compareTo(LIST_LIFETIME) < 0) {
        return;
      }
      if (!Files.isReadable(Path.of(KEYRING))) {
        throw new ProvisioningException(
            KEYRING + " is missing: install the package debian-archive-keyring");
      }
      Files.createDirectories(home.resolve("lists/partial"));
      Files.createDirectories(home.resolve("cache/archives/partial"));
      Files.writeString(home.resolve("status"), "");
      Files.writeString(home.resolve("apt.conf"), configuration());
      refreshFromAny(DebianMirror.ofHost(), step, progress);
      Files.writeString(stamp, Instant.now() + "\n");
    } catch (IOException e) {
      throw new ProvisioningException("cannot keep package lists in %s: %s".formatted(home, e), e);
    }
  }

  private void refreshFromAny(List<String> sites, String step, Progress progress)
      throws ProvisioningException, InterruptedException, IOException {
    ProvisioningException refusal = null;
    for (String site : sites) {
      Files.writeString(home.resolve("sources.list"), sources(site));
      try {
        run(List.of("-eany", "update"), home, step, progress);
        return;
      } catch (ProvisioningException next) {
        refusal = next;
      }
    }
    throw refusal;
  }

  /// What must be downloaded to have `names` with everything they depend on.
  List<DebianPackage> closure(DebianSuite suite, List<String> names)
      throws ProvisioningException, InterruptedException {
    var words = new ArrayList<>(List.of("-qq", "--print-uris", "-t", suite.codename(), "install"));
    words.addAll(names);
    return run(words, home, "", Progress.none())
        .lines()
        .flatMap(line -> DebianPackage.parse(line).stream())
        .toList();
  }

  /// Downloads packages as `.deb` files into `folder`. apt checks every file against the signed
  /// lists.
  void download(List<DebianPackage> packages, Path folder, String step, Progress progress)
      throws ProvisioningException, InterruptedException {
    var words = new ArrayList<>(List.of("download"));
    packages.forEach(p -> words.add(p.request()));
    boolean complete = false;
    try {
      run(words, folder, step, progress);
      complete = true;
    } finally {
      if (!complete) {
        forgetFreshness();
      }
    }
  }

  /// The mirror may have moved on since the lists were fetched: fetch them anew next time.
  private void forgetFreshness() throws ProvisioningException {
    try {
      Files.deleteIfExists(stamp());
    } catch (IOException e) {
      throw new ProvisioningException("cannot keep package lists in %s: %s".formatted(home, e), e);
    }
  }

  private Path stamp() {
    return home.resolve("refreshed");
  }

  private String run(List<String> words, Path folder, String step, Progress progress)
      throws ProvisioningException, InterruptedException {
    var command = new ArrayList<>(List.of("apt-get"));
    command.addAll(List.of("-c", home.resolve("apt.conf").toString()));
    command.addAll(List.of("-o", "APT::Status-Fd=1", "-q", "-y"));
    command.addAll(words);
    HostCommand.Result result;
    try {
      result = new HostCommand(command, Map.of(), folder).run(LIMIT, fractions(step, progress));
    } catch (IOException e) {
      throw new ProvisioningException("apt-get failed: " + e.getMessage(), e);
    }
    if (!result.succeeded()) {
      throw new ProvisioningException(
          "apt-get could not %s: %s".formatted(verb(words), reason(result.output())));
    }
    return result.output();
  }

  /// Follows apt's status lines, `dlstatus:COUNT:PERCENT:text`. The percentage falls whenever apt
  /// learns of more to fetch; ours does not.
  private static Consumer<String> fractions(String step, Progress progress) {
    var highest = new AtomicReference<>(0.0);
    return line -> {
      if (line.startsWith("dlstatus:")) {
        double percent = Double.parseDouble(line.split(":", 4)[2]);
        double fraction = Math.clamp(percent / 100, highest.get(), 1);
        highest.set(fraction);
        progress.report(step, fraction);
      }
    };
  }

  private static String verb(List<String> words) {
    return words.stream()
        .filter(List.of("update", "download", "install")::contains)
        .findFirst()
        .orElseThrow();
  }

  private static String reason(String output) {
    return output
        .lines()
        .filter(line -> line.startsWith("E:"))
        .findFirst()
        .map(line -> line.substring(2).strip())
        .orElse("no reason given")
        .concat(" (is the mirror of this host's apt configuration reachable?)");
  }

  private String sources(String site) {
    return suites.stream()
        .map(suite ->
            "deb [arch=amd64 signed-by=%s] %s %s main\n".formatted(KEYRING, site, suite.codename()))
        .collect(Collectors.joining());
  }

  /// Read by apt after the host's own configuration, so proxies and credentials stay in force.
  private String configuration() {
    return """
    Dir::State "%1$s";
    Dir::State::status "%1$s/status";
    Dir::State::lists "%1$s/lists";
    Dir::Cache "%1$s/cache";
    Dir::Cache::archives "%1$s/cache/archives";
    Dir::Cache::pkgcache "";
    Dir::Cache::srcpkgcache "";
    Dir::Log "%1$s/log";
    Dir::Etc::sourcelist "%1$s/sources.list";
    Dir::Etc::sourceparts "/dev/null";
    Dir::Etc::preferences "/dev/null";
    Dir::Etc::preferencesparts "/dev/null";
    #clear APT::Architectures;
    APT::Architecture "amd64";
    APT::Architectures "amd64";
    APT::Install-Recommends "false";
    APT::Install-Suggests "false";
    APT::Sandbox::User "root";
    Acquire::Languages "none";
    Acquire::GzipIndexes "true";
    Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
    #clear APT::Update::Pre-Invoke;
    #clear APT::Update::Post-Invoke;
    #clear APT::Update::Post-Invoke-Success;
    #clear DPkg::Pre-Install-Pkgs;
    #clear DPkg::Post-Invoke;
    """
        .formatted(home);
  }

  private static Duration age(Path file) throws IOException {
    return Duration.between(Files.getLastModifiedTime(file).toInstant(), Instant.now());
  }
}
