package dev.portcullis.qemu.install;

import dev.portcullis.qemu.host.HostCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Finds the Debian mirror of this host: the one its own apt is configured for.
final class DebianMirror {

  private static final String FORMAT = "$(SITE) $(CODENAME) $(RELEASE) $(COMPONENT) $(ORIGIN)";

  /// Code names and suite names of a Debian release; a repository of someone else that reuses one
  /// is told apart by its origin, or at the latest by its signature.
  private static final Set<String> RELEASES =
      Set.of("bookworm", "trixie", "forky", "sid", "oldstable", "stable", "testing", "unstable");

  private static final Pattern SPACE = Pattern.compile(" ");

  private DebianMirror() {}

  /// The sites worth trying, best first.
  static List<String> ofHost() throws ProvisioningException, InterruptedException {
    HostCommand.Result targets;
    try {
      targets =
          new HostCommand(List.of("apt-get", "indextargets", "--format", FORMAT))
              .run(Duration.ofMinutes(1));
    } catch (IOException absent) {
      throw new ProvisioningException(
          "apt-get does not run here: QEMU and kernels come from a Debian mirror through apt; "
              + "install apt, or name a QEMU and a kernel of your own",
          absent);
    }
    var sites = sites(targets.output().lines().toList());
    if (!targets.succeeded() || sites.isEmpty()) {
      throw new ProvisioningException(
          "the apt configuration of this host names no Debian mirror: add a Debian source to "
              + "/etc/apt/sources.list.d, or name a QEMU and a kernel of your own");
    }
    return sites;
  }

  /// Reads the lines of `apt-get indextargets` in our format.
  static List<String> sites(List<String> lines) {
    return lines.stream()
        .map(line -> SPACE.split(line, 5))
        .filter(f -> f.length == 5 && f[3].equals("main"))
        .filter(f -> RELEASES.contains(f[1]) || RELEASES.contains(f[2]))
        .filter(f -> f[4].equals("Debian") || f[4].startsWith("$(") || f[4].isBlank())
        .map(f -> f[0])
        .distinct()
        .toList();
  }
}
