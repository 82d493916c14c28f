package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.wire.Peer;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.wire.TapWire;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.install.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What cables lead to outside of our own process: `passt`, this host's kernel.
class WireIT {
  @TempDir private Path folder;

  /// What passt does with a network namespace that has no network: it is 169.254.2.2 there, and the
  /// guest is 169.254.2.1.
  private Namespace passt(String socket) throws Exception {
    Path site = Files.createDirectory(folder.resolve("site"));
    Files.writeString(site.resolve("page"), "as it is\n".repeat(20_000));
    return Namespace.run(
        """
        set -e
        busybox=$1; shift
        site=$1; shift
        "$busybox" ip link set lo up
        "$busybox" httpd -p 127.0.0.1:8080 -h "$site"
        exec "$@"
        """,
        command(site, socket));
  }

  private static String[] command(Path site, String socket) throws Exception {
    List<String> words =
        new java.util.ArrayList<>(List.of("sh", Lab.tools().busybox().toString(), site.toString()));
    words.addAll(
        Lab.CACHE
            .passt(Progress.none())
            .command(Cache.PASST, "--foreground", "--ipv4-only", "--socket", socket));
    return words.toArray(String[]::new);
  }

  @BeforeAll
  static void namespaces() throws Exception {
    Namespace.assumeAllowed();
  }

  @Test
  void linuxFetchesAPageThroughPasst() throws Exception {
    Path socket = folder.resolve("passt.sock");
    var machine =
        MachineFile.parse(
            "passt.yaml",
            folder,
            "units: [{at: 00:04.0}]\n"
                + "devices: [{type: virtio-net, at: 00:05.0, wire: {stream: passt.sock}}]");
    var plan =
        Lab.plan(KernelVersion.LINUX_6_12)
            .machine(machine)
            .append("intel_iommu=on")
            .append("iommu.strict=1");
    try (Namespace outside = passt(socket.toString());
        Guest guest = Guest.boot(plan)) {
      String sum =
          guest.shell(
              """
              ip address add 169.254.2.1/16 dev eth0
              ip link set eth0 up
              wget -q -O - http://169.254.2.2:8080/page | sha256sum
              """);
      assertThat(sum).as(outside.said()).startsWith(sha256(folder.resolve("site/page")));
      assertThat(guest.statistics().units().get("dmar0").faultsInAll()).isZero();
    }
  }

  private static String sha256(Path file) throws Exception {
    var digest = java.security.MessageDigest.getInstance("SHA-256");
    return java.util.HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
  }

  /// A Java of its own, since this one is in the host's network.
  @Test
  void theHostsKernelPingsThePeerThroughATapDevice() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classes = System.getProperty("java.class.path");
    try (Namespace host =
        Namespace.run(
            "exec \"$@\"",
            "sh",
            java,
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            classes,
            TapHost.class.getName(),
            Lab.tools().busybox().toString())) {
      assertThat(host.end())
          .contains("3 packets transmitted, 3 packets received, 0% packet loss")
          .contains("closed")
          .endsWith("exit code 0");
    }
  }

  /// What runs there: the peer at one end of a TAP device, ping at the other.
  static final class TapHost {
    private TapHost() {}

    public static void main(String[] words) throws Exception {
      Peer peer = new Peer();
      try (TapWire wire = new TapWire("portcullis0")) {
        wire.connect(peer::send);
        peer.connect(wire::send);
        int failed =
            new ProcessBuilder(
                    "sh",
                    "-e",
                    "-c",
                    """
                    "$0" ip link set portcullis0 up
                    "$0" ip address add 10.9.0.2/24 dev portcullis0
                    "$0" ping -c 3 -s 1400 10.9.0.1
                    """,
                    words[0])
                .inheritIO()
                .start()
                .waitFor();
        if (failed != 0) {
          throw new IllegalStateException("exit code " + failed);
        }
      }
      System.out.println("closed");
    }
  }
}
