package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.ManagementDescription;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.ManagementServices;
import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.endpoint.AccessControl;
import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.linux.LinuxClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A Linux partition says what it is and has; it is brought up to date, and has the network then.
class AccessControlIT {
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final Ipv4Address HELP = Ipv4Address.parse("10.9.0.250");
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String PLATFORM =
      """
      memory: 1G
      units: [{at: 00:01.0, profile: scalable}]
      management: management.yaml
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
      partitions:
        - {name: user, memory: 320M, engine: qemu, runs: client, address: 10.9.0.2/24}
        - {name: services, memory: 32M, engine: embedded, runs: bridge, devices: [nic]}
        - {name: other, memory: 16M, engine: embedded, runs: client, address: 10.9.0.3/24}
      links:
        - between: [user, services]
        - between: [other, services]
      """;
  private static final String MANAGEMENT =
      """
      state: state
      access:
        policy: policy.yaml
        every-seconds: 86400
        help: 10.9.0.250/24
        steps:
          - {name: apply the fix, rules: [no fix], do: install, package: fix.package}
      """;
  private static final String POLICY =
      """
      policy: linux
      rules:
        - name: no Linux
          when: "!posture.operating_system.kernel.matches('^[0-9]+[.].*')
            || !posture.packages.exists(p, p.name == 'busybox')
            || posture.port_filter.enabled || posture.disk_encryption.enabled"
          result: denied
          reason: This is no Linux as it was made.
        - name: no fix
          when: "!posture.packages.exists(p, p.name == 'fix' && compareVersions(p.version, '1.2') >= 0)"
          result: conditional
          rules: help.nft
          reason: The fix is missing.
        - {name: all is well, when: "platform.engine.startsWith('qemu')", result: unrestricted, reason: Fine.}
      """;
  private static final String HELP_ONLY =
      """
      table bridge help {
        chain forward {
          type filter hook forward priority 0; policy drop;
          ether type arp accept
          ct state established accept
          ip daddr 10.9.0.250 accept
        }
      }
      """;
  private static final String FIX = "package fix 1.2\necho done > /fixed\n";

  /// Malware between the monitor's channel and the shell: it has each collector's answer go through
  /// a program of its own.
  private static final String MALWARE =
      """
      rm /run/commands
      mkfifo /run/commands
      cat > /tmp/malware <<'END'
      while cat /run/commands > /tmp/asked; do
        sed "s:LC_ALL=C tr -cd '[^']*':sh /tmp/liar:" /tmp/asked > /run/commands
      done
      END
      setsid sh /tmp/malware </dev/null >/dev/null 2>&1 &
      """;

  /// That program; what is true is in a file.
  private static final String LIAR =
      """
      cat > /tmp/liar <<'END'
      cat > /tmp/true
      %s
      END
      """;

  private static final String KEEP = "tee /tmp/kept < /tmp/true";

  @TempDir private Path folder;
  private final EventCollector events = new EventCollector();
  private RunningPlatform platform;
  private ManagementServices services;
  private LinuxClient user;

  @BeforeEach
  void start() throws Exception {
    Files.writeString(folder.resolve("management.yaml"), MANAGEMENT);
    Files.writeString(folder.resolve("policy.yaml"), POLICY);
    Files.writeString(folder.resolve("help.nft"), HELP_ONLY);
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    ManagementDescription wanted =
        ManagementFile.read(folder.resolve("management.yaml"), description);
    VerifiedBoot gate = ManagementServices.gate(wanted);
    platform = RunningPlatform.start(description, folder, event -> {}, gate);
    platform.events().add(events);
    services = ManagementServices.start(wanted, gate, platform);
    user = (LinuxClient) platform.partition("user").client().orElseThrow();
    user.shell().run("true", LIMIT);
  }

  @AfterEach
  void stop() {
    services.close();
    platform.close();
  }

  private AccessDecision decide() throws Exception {
    return services.access().orElseThrow().reevaluate("user", LIMIT).orElseThrow();
  }

  private void doesNotReachThePeer() {
    assertThatThrownBy(() -> user.ping(PEER, Duration.ofSeconds(2)))
        .isInstanceOf(ClientException.class);
  }

  @Test
  void linuxThatLacksAFixGetsItAndThenTheNetwork() throws Exception {
    AccessDecision before = decide();

    assertThat(before.reason()).isEqualTo("The fix is missing.");
    assertThat(before.verdict()).isEqualTo(Verdict.CONDITIONAL);
    assertThat(user.page(HELP, "/", LIMIT)).contains("The fix is missing.", "apply the fix");
    doesNotReachThePeer();

    Files.writeString(folder.resolve("fix.package"), FIX);
    AccessDecision after = decide();

    assertThat(after.trace()).isNotEmpty();
    assertThat(after.verdict()).as(after.reason()).isEqualTo(Verdict.UNRESTRICTED);
    assertThat(user.shell().run("cat /fixed", LIMIT).text()).isEqualTo("done");
    user.ping(PEER, LIMIT);
  }

  private void answersWith(String commands) throws Exception {
    root(LIAR.formatted(commands));
  }

  private void root(String commands) throws Exception {
    assertThat(user.shell().run("set -e\n" + commands, LIMIT).succeeded()).isTrue();
  }

  private Map<String, Object> seenFromOutside() {
    return services
        .access()
        .orElseThrow()
        .status("user")
        .decided()
        .orElseThrow()
        .facts()
        .areas()
        .get("platform");
  }

  private void isRefused(String refusal) throws Exception {
    AccessDecision decision = decide();
    assertThat(decision.verdict()).as(decision.toString()).isEqualTo(Verdict.DENIED);
    events.await(
        EventType.ACCESS_REPORT_REFUSED, event -> refusal.equals(event.data().get("refusal")));
    doesNotReachThePeer();
  }

  @Test
  @Tag("slow")
  void rootInThePartitionLiesAboutItselfOnly_andNeitherReplaysNorForges() throws Exception {
    root(MALWARE);
    answersWith(KEEP);
    assertThat(decide().reason()).isEqualTo("The fix is missing.");
    Map<String, Object> outside = seenFromOutside();
    assertThat(user.shell().run("cat /tmp/kept", LIMIT).text()).startsWith("posture\t1\n");

    answersWith("cat /tmp/kept");
    isRefused("replayed");

    answersWith("sed 1s/1/2/ /tmp/true");
    isRefused("malformed");
    answersWith("sed 's/^end/platform\\tstate/' /tmp/true; echo end");
    isRefused("malformed");
    answersWith("head -c 600000 /dev/zero | tr '\\000' x");
    isRefused("oversized");

    // It does say more of itself than is true: that is what the facts from outside are for.
    answersWith("sed '/^installed/i installed-package\\tfix\\t9.9' /tmp/true");
    assertThat(decide().verdict()).isEqualTo(Verdict.UNRESTRICTED);
    assertThat(seenFromOutside()).isEqualTo(outside);
  }

  /// All that leads from the partition to the monitor is full of rubbish.
  private static final String FLOOD =
      """
      for port in /dev/ttyS1 /dev/ttyS2 /dev/ttyS3 /dev/console; do
        setsid cat /dev/urandom > $port 2>/dev/null </dev/null &
        setsid yes ready > $port 2>/dev/null </dev/null &
      done
      """;

  @Test
  @Tag("slow")
  void rootInThePartitionFloodsAllItsChannels_andKeepsNobodyFromAnything() throws Exception {
    Files.writeString(folder.resolve("fix.package"), FIX);
    assertThat(decide().verdict()).isEqualTo(Verdict.UNRESTRICTED);
    try {
      user.shell().run(FLOOD, Duration.ofSeconds(5));
    } catch (ClientException lost) {
      // What it says of that is lost in the flood.
    }

    // Others are looked at meanwhile.
    CompletableFuture<AccessDecision> flooded = CompletableFuture.supplyAsync(this::decideNow);
    AccessControl control = services.access().orElseThrow();
    for (int i = 0; i < 3; i++) {
      assertThat(control.reevaluate("other", Duration.ofSeconds(30))).isPresent();
    }
    assertThat(flooded.get(5, TimeUnit.MINUTES).verdict()).isEqualTo(Verdict.DENIED);
    assertThat(services.enforcement().inForce("user").level()).isEqualTo(AccessLevel.REMEDIATION);

    platform.power(PowerAction.RESET, "user");
    assertThat(decide().verdict()).as("it is well after a reset").isEqualTo(Verdict.UNRESTRICTED);
  }

  private AccessDecision decideNow() {
    try {
      return decide();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
