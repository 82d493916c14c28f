package dev.portcullis.management.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.wire.Cable;
import dev.portcullis.management.ManagementDescription;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.ManagementServices;
import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.net.Link;
import dev.portcullis.net.host.HostOptions;
import dev.portcullis.net.host.NetworkHost;
import dev.portcullis.net.http.Headers;
import dev.portcullis.net.http.HttpResponse;
import dev.portcullis.net.http.HttpServer;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.MacAddress;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Packet.Network;
import dev.portcullis.net.pcapng.CapturedFrame;
import dev.portcullis.net.pcapng.PcapngReader;
import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventRing;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.control.ControlVerb;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Access by what a partition is and has, on a platform at work.
class AccessControlTest {
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final Ipv4Address HELP = Ipv4Address.parse("10.9.0.250");
  private static final Ipv4Address SERVER = Ipv4Address.parse("10.9.0.77");
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofMillis(400);
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      management: management.yaml
      captures: captures
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
      links:
        - between: [user, services]
      """;
  private static final String MANAGEMENT =
      """
      state: state
      access:
        policy: policy.yaml
        every-seconds: 86400
        help: 10.9.0.250/24
        hash:
          - {partition: user, at: 1M, size: 4K}
        steps:
      %s
      """;
  private static final String POLICY =
      """
      policy: test
      rules:
        - name: nobody says anything
          when: "!posture.agent.answered"
          result: denied
          reason: The computer does not say what it is & has <nothing>.
        - name: old client
          when: posture.packages.exists(p, p.name == "client" && compareVersions(p.version, "1.1") < 0)
          result: conditional
          rules: help.nft
          reason: The client is out of date.
        - name: all is well
          when: platform.domain.pages == 4096 && size(memory.pages) == 1 && report.age < 30
          result: unrestricted
          reason: Everything is as it should be.
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
  private static final String UPDATE =
      "    - {name: update the client, rules: [old client], do: install, package: client.package}";

  @TempDir private Path folder;
  private RunningPlatform platform;
  private ManagementServices services;
  private final EventRing ring = new EventRing(1024);

  @BeforeEach
  void write() throws Exception {
    Files.writeString(folder.resolve("policy.yaml"), POLICY);
    Files.writeString(folder.resolve("help.nft"), HELP_ONLY);
    Files.writeString(folder.resolve("client.package"), "package client 1.1\n");
  }

  private void start(String steps) throws Exception {
    Files.writeString(folder.resolve("management.yaml"), MANAGEMENT.formatted(steps));
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    ManagementDescription wanted =
        ManagementFile.read(folder.resolve("management.yaml"), description);
    VerifiedBoot gate = ManagementServices.gate(wanted);
    platform = RunningPlatform.start(description, folder, event -> {}, gate);
    platform.events().add(ring);
    services = ManagementServices.start(wanted, gate, platform);
  }

  @AfterEach
  void stop() {
    if (platform != null) {
      services.close();
      platform.close();
    }
  }

  private AccessControl control() {
    return services.access().orElseThrow();
  }

  private AccessDecision decide() throws InterruptedException {
    return control().reevaluate("user", LIMIT).orElseThrow();
  }

  private Client user() throws Exception {
    return platform.partition("user").client().orElseThrow();
  }

  private void doesNotReach(Ipv4Address to) {
    assertThatThrownBy(() -> user().ping(to, MOMENT)).isInstanceOf(ClientException.class);
  }

  /// Events reach the ring a little after they were published.
  private List<Event> told(EventType type, String text) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    List<Event> found = List.of();
    while (found.isEmpty() && System.nanoTime() < deadline) {
      found =
          ring.latest().stream()
              .filter(event -> event.type() == type && event.text().contains(text))
              .toList();
      Thread.sleep(5);
    }
    return found;
  }

  @Test
  void oldPackageIsConditionalUntilItIsRemedied() throws Exception {
    start(UPDATE);

    AccessDecision decision = decide();

    assertThat(decision.verdict()).isEqualTo(Verdict.UNRESTRICTED);
    user().ping(PEER, LIMIT);
    assertThat(user().posture("0", LIMIT)).contains("installed-package\tclient\t1.1");
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (stages().size() < 10 && System.nanoTime() < deadline) {
      Thread.sleep(5);
    }
    assertThat(stages())
        .startsWith(
            "access.collection",
            "access.reporting",
            "access.policy",
            "access.evaluation old client",
            "access.enforcement",
            "access.remediation",
            "access.collection",
            "access.reporting",
            "access.evaluation all is well",
            "access.enforcement");
  }

  /// What access control has told, the first first, with the rules that decided; but that a
  /// partition begins with no access.
  private List<String> stages() {
    return ring.latest().stream()
        .filter(event -> event.type().word().startsWith("access."))
        .filter(event -> !"none".equals(event.data().get("level")))
        .map(event ->
            event.type().word()
                + Optional.ofNullable(event.data().get("rule")).map(rule -> " " + rule).orElse(""))
        .toList();
  }

  @Test
  void quarantinedUserReadsWhyAndReachesNothingElse() throws Exception {
    start("    - {name: look again, rules: [old client], do: measure}");

    assertThat(decide().rule()).contains("old client");

    assertThat(user().page(HELP, "/whatever", LIMIT))
        .contains("Partition user: network access is conditional")
        .contains("The client is out of date.")
        .contains("<li>look again</li>");
    doesNotReach(PEER);
    assertThat(sentTo(PEER, "nic")).isEmpty();
    assertThat(sentTo(HELP, "user")).isNotEmpty();
  }

  private List<CapturedFrame> sentTo(Ipv4Address to, String port) throws Exception {
    List<CapturedFrame> all = new ArrayList<>();
    try (var files = Files.list(folder.resolve("captures"))) {
      for (Path file :
          files.filter(one -> one.getFileName().toString().startsWith(port)).toList()) {
        try (PcapngReader reader = PcapngReader.open(file)) {
          Optional<CapturedFrame> frame = reader.next();
          while (frame.isPresent()) {
            Packet packet = Packet.of(frame.get().frame());
            if (packet.network() == Network.IPV4
                && packet.ipDestinationLow() == Integer.toUnsignedLong(to.bits())) {
              all.add(frame.get());
            }
            frame = reader.next();
          }
        }
      }
    }
    return all;
  }

  /// The end of a wire that counts the IP frames that leave the bridge by it.
  private record Counted(Link link, AtomicLong frames) implements Link {
    @Override
    public void connect(Consumer<byte[]> receiver) {
      link.connect(receiver);
    }

    @Override
    public void send(byte[] frame) {
      if (Packet.of(frame).network() == Network.IPV4) {
        frames.incrementAndGet();
      }
      link.send(frame);
    }
  }

  private static HttpResponse endless() {
    byte[] some = new byte[1 << 16];
    return new HttpResponse(
        200,
        Headers.NONE,
        1L << 40,
        out -> {
          while (true) {
            out.write(some);
          }
        });
  }

  private static void await(AtomicLong count, long wanted) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (count.get() < wanted && System.nanoTime() < deadline) {
      Thread.sleep(2);
    }
    assertThat(count.get()).isGreaterThanOrEqualTo(wanted);
  }

  @Test
  void lostAccessCutsWhatWasEstablished() throws Exception {
    start(UPDATE);
    assertThat(decide().verdict()).isEqualTo(Verdict.UNRESTRICTED);
    Cable cable = new Cable();
    AtomicLong toServer = new AtomicLong();
    AtomicLong fromServer = new AtomicLong();
    platform
        .partition("services")
        .hosts()
        .orElseThrow()
        .attach("server", new Counted(cable.other(), toServer));
    HostOptions options = HostOptions.of(new MacAddress(0x0250_5600_ee01L), SERVER + "/24");
    Client user = user();
    try (NetworkHost host = NetworkHost.attach(options, new Counted(cable.one(), fromServer));
        HttpServer _ = HttpServer.start(host, 80, request -> endless())) {
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            try {
              user.transfer(SERVER, 1L << 40, LIMIT);
            } catch (ClientException | InterruptedException e) {
              // Its access is lost.
            }
          });
      await(toServer, 100);
      Files.writeString(folder.resolve("policy.yaml"), POLICY.replace("\"1.1\"", "\"1.2\"") + "# ");

      assertThat(decide().verdict()).isEqualTo(Verdict.CONDITIONAL);

      // What was under way when the rules changed arrives before the server tries again.
      await(fromServer, fromServer.get() + 2);
      long arrived = toServer.get();
      await(fromServer, fromServer.get() + 2);
      assertThat(toServer).as("the server sends, and hears nothing more").hasValue(arrived);
    }
  }

  @Test
  void policyThatMakesNoSenseLeavesTheLastGoodOne() throws Exception {
    start(UPDATE);
    assertThat(decide().verdict()).isEqualTo(Verdict.UNRESTRICTED);
    Files.writeString(folder.resolve("policy.yaml"), POLICY + "  - {name: x, when: 1 +}\n");

    assertThat(decide().verdict()).isEqualTo(Verdict.UNRESTRICTED);

    assertThat(told(EventType.ACCESS_POLICY, "access policy refused")).hasSize(1);
    user().ping(PEER, LIMIT);
  }

  /// Waits until it is decided so without being asked for.
  private void awaitVerdict(Verdict wanted) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (control().decision("user").filter(one -> one.verdict() == wanted).isEmpty()) {
      assertThat(System.nanoTime()).as("%s never came", wanted).isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  @Test
  void changedPolicyCountsUnasked() throws Exception {
    start(UPDATE);
    awaitVerdict(Verdict.UNRESTRICTED);
    String before = control().decision("user").orElseThrow().policy().orElseThrow();

    Files.writeString(folder.resolve("policy.yaml"), POLICY.replace("\"1.1\"", "\"1.2\""));

    awaitVerdict(Verdict.CONDITIONAL);
    assertThat(control().decision("user").orElseThrow().policy().orElseThrow())
        .startsWith("test ")
        .isNotEqualTo(before);
    doesNotReach(PEER);
  }

  @Test
  void changedRulesOfAConditionCountUnasked_andBadOnesLeaveTheLastGoodOnes() throws Exception {
    start("");
    awaitVerdict(Verdict.CONDITIONAL);
    doesNotReach(PEER);
    Path rules = folder.resolve("help.nft");

    Files.writeString(rules, HELP_ONLY.replace("10.9.0.250 accept", "10.9.0.250 acept"));

    Event refused = told(EventType.ACCESS_POLICY, "access policy refused").getFirst();
    assertThat(refused.text()).contains("policy.yaml:", "help.nft:6:", "policy test ", " stays");
    doesNotReach(PEER);

    Files.writeString(rules, HELP_ONLY.replace("ip daddr 10.9.0.250", "ip daddr 10.9.0.1"));

    // The help host is not among them any more, the peer is.
    user().ping(PEER, LIMIT);
    doesNotReach(HELP);
  }

  @Test
  void rulesThatWereBadFromTheFirstCountWhenTheyAreMended() throws Exception {
    Files.writeString(folder.resolve("help.nft"), "table");
    start("");
    awaitVerdict(Verdict.DENIED);

    Files.writeString(folder.resolve("help.nft"), HELP_ONLY);

    awaitVerdict(Verdict.CONDITIONAL);
  }

  @Test
  void aPersonReadsWhyAndHasItLookedAtAgain() throws Exception {
    start(UPDATE);
    Files.delete(folder.resolve("client.package"));
    ControlVerb verb = services.verbs().get("access");
    assertThat(decide().verdict()).isEqualTo(Verdict.CONDITIONAL);

    Map<String, Object> all = verb.answer(Map.of(), told -> {});
    assertThat(all.get("lines"))
        .isEqualTo(List.of("user: conditional: The client is out of date."));
    Map<String, Object> one = verb.answer(Map.of("partition", "user"), told -> {});
    assertThat(one.get("lines").toString())
        .contains("user: conditional: The client is out of date.", "rule old client")
        .contains("being done: update the client", "looked at again at ")
        .contains("posture.agent.answered: true", "report.sequence: ");

    Files.writeString(folder.resolve("client.package"), "package client 1.1\n");
    Map<String, Object> now =
        verb.answer(Map.of("partition", "user", "evaluate", "now"), told -> {});
    assertThat(now.get("lines").toString()).contains("user: unrestricted: ");
    assertThat(now.get("access").toString())
        .contains("verdict=unrestricted", "rule=all is well", "facts={", "since=");

    assertThatThrownBy(() -> verb.answer(Map.of("partition", "nobody"), told -> {}))
        .hasMessageContaining("no client partition nobody");
    platform.power(PowerAction.KILL, "user");
    assertThatThrownBy(
            () -> verb.answer(Map.of("partition", "user", "evaluate", "now"), told -> {}))
        .hasMessageContaining("nothing was decided about partition user");
  }

  @Test
  void whatIsDecidedAgainStandsSinceItWasDecidedFirst() throws Exception {
    start("");
    decide();
    AccessStatus.Decided first = control().status("user").decided().orElseThrow();
    decide();
    AccessStatus.Decided again = control().status("user").decided().orElseThrow();

    assertThat(again.at()).isAfter(first.at());
    assertThat(again.since()).isEqualTo(first.since());
  }

  @Test
  void withoutAPolicyThatMakesSenseNobodyHasAccess() throws Exception {
    Files.writeString(folder.resolve("policy.yaml"), "policy: [");
    start(UPDATE);
    List<String> told = new CopyOnWriteArrayList<>();
    control().onDecision((name, decision) -> told.add(name + " " + decision.verdict()));

    assertThat(decide().reason()).isEqualTo("there is no policy that makes sense");

    assertThat(told).isNotEmpty().containsOnly("user DENIED");
    assertThat(user().page(HELP, "/", LIMIT)).contains("there is no policy that makes sense");
    doesNotReach(PEER);
  }

  @Test
  void stepThatDoesNotWorkIsTriedThreeTimes() throws Exception {
    start("    - {name: try, do: restart, service: nothing}");
    for (int i = 0; i < 5; i++) {
      assertThat(decide().verdict()).isEqualTo(Verdict.CONDITIONAL);
    }
    assertThat(told(EventType.ACCESS_REMEDIATION, "does not help")).hasSize(1);
    assertThat(told(EventType.ACCESS_REMEDIATION, "there is no service nothing")).hasSize(3);
  }

  @Test
  void partitionThatIsOffHasNoAccessAndBeginsWithout() throws Exception {
    start(UPDATE);
    assertThat(decide().verdict()).isEqualTo(Verdict.UNRESTRICTED);

    platform.power(PowerAction.KILL, "user");
    assertThat(control().reevaluate("user", LIMIT)).isEmpty();
    assertThat(services.enforcement().inForce("user").level()).isEqualTo(AccessLevel.NONE);

    Files.writeString(folder.resolve("client.package"), "package client 1.0.9\n");
    platform.power(PowerAction.START, "user");
    assertThat(decide().verdict()).isEqualTo(Verdict.CONDITIONAL);
    doesNotReach(PEER);
  }

  @Test
  void afterASuddenEndAccessIsNoWiderUntilItIsDecidedAnew() throws Exception {
    start("    - {name: look again, do: measure}");
    assertThat(decide().verdict()).isEqualTo(Verdict.CONDITIONAL);
    services.close();
    platform.close();
    Files.delete(folder.resolve("policy.yaml"));

    start("    - {name: look again, do: measure}");

    assertThat(services.enforcement().inForce("user").level())
        .isNotEqualTo(AccessLevel.UNRESTRICTED);
    assertThat(decide().verdict()).isEqualTo(Verdict.DENIED);
    doesNotReach(PEER);
  }

  private long timesWithoutAccess() {
    return ring.latest().stream()
        .filter(event -> event.type() == EventType.ACCESS_ENFORCEMENT)
        .filter(event -> "none".equals(event.data().get("level")))
        .count();
  }

  @Test
  void partitionThatIsResetBeginsWithoutAccess() throws Exception {
    start(UPDATE);
    assertThat(decide().verdict()).isEqualTo(Verdict.UNRESTRICTED);
    Files.delete(folder.resolve("client.package"));

    assertThat(told(EventType.ACCESS_ENFORCEMENT, "unrestricted is in force")).isNotEmpty();
    long before = timesWithoutAccess();

    platform.power(PowerAction.RESET, "user");

    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (timesWithoutAccess() == before && System.nanoTime() < deadline) {
      Thread.sleep(5);
    }
    assertThat(timesWithoutAccess()).isGreaterThan(before);
    assertThat(decide().verdict()).isEqualTo(Verdict.CONDITIONAL);
    doesNotReach(PEER);
  }

  @Test
  void partitionThatIsPausedKeepsItsAccess() throws Exception {
    start(UPDATE);
    assertThat(decide().verdict()).isEqualTo(Verdict.UNRESTRICTED);
    platform.power(PowerAction.PAUSE, "user");
    assertThat(decide().verdict()).isEqualTo(Verdict.UNRESTRICTED);
    assertThat(services.enforcement().inForce("user").level()).isEqualTo(AccessLevel.UNRESTRICTED);
    platform.power(PowerAction.RESUME, "user");
    assertThat(decide().verdict()).isEqualTo(Verdict.UNRESTRICTED);
    user().ping(PEER, LIMIT);
  }

  @Test
  void unknownPartitionIsRefused() throws Exception {
    start(UPDATE);
    assertThatThrownBy(() -> control().decision("services"))
        .hasMessage("there is no client partition services");
  }
}
