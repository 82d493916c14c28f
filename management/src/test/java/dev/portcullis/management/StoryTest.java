package dev.portcullis.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.boot.manifest.Manifest;
import dev.portcullis.management.boot.manifest.ManifestDisk;
import dev.portcullis.management.boot.manifest.ManifestFile;
import dev.portcullis.management.boot.manifest.SignatureFile;
import dev.portcullis.management.boot.manifest.SigningKey;
import dev.portcullis.management.boot.verity.BlockSource;
import dev.portcullis.management.boot.verity.HashTree;
import dev.portcullis.management.containment.Trigger;
import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.management.recovery.DataDisk;
import dev.portcullis.management.recovery.RebuildProgress;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.audit.AuditLog;
import dev.portcullis.vmm.audit.Verification;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootDecision.Outcome;
import dev.portcullis.vmm.platform.boot.BootPart;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.Client.DmaEnd;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// All services together: a partition from its verified boot to an outbreak, and back.
class StoryTest {
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final Ipv4Address HELP = Ipv4Address.parse("10.9.0.250");
  private static final Ipv4Address OTHER = Ipv4Address.parse("10.9.0.3");
  private static final RequesterId ROGUE = RequesterId.parse("00:05.0");
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration MOMENT = Duration.ofMillis(400);
  private static final long TEXT = 12L << 20;
  private static final int IMAGE_BLOCKS = 256;

  private static final String PLATFORM =
      """
      memory: 192M
      units: [{at: 00:01.0, profile: scalable}]
      management: management.yaml
      events: {audit: audit.log}
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: disk, type: nvme, at: 00:04.0, size: 16M, file: disk.img}
        - {name: rogue, type: edu, at: 00:05.0}
      partitions:
        - name: user
          memory: 16M
          runs: client
          address: 10.9.0.2/24
          devices: [disk, rogue]
          image: {file: kernel.img, at: 12M}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
        - {name: other, memory: 16M, runs: client, address: 10.9.0.3/24}
      links:
        - between: [user, services]
        - between: [other, services]
      """;

  private static final String MANAGEMENT =
      """
      state: state
      boot:
        key: it.pub
        others: start
        partitions:
          - partition: user
            manifest: user.manifest
            images: [{disk: disk, file: safe.img}]
      access:
        policy: policy.yaml
        every-seconds: 86400
        help: 10.9.0.250/24
        steps:
          - {name: update the client, rules: [old client], do: install, package: client.package}
      integrity:
        cpu-percent: 50
        partitions:
          - {name: user, ranges: [{name: kernel text, at: 12M, size: 64K}]}
      containment:
        partitions: [user]
        signs:
          - {on: integrity-denied, do: suspect}
          - {on: integrity-violation, do: contain}
      """;

  private static final String POLICY =
      """
      policy: office
      rules:
        - name: not what was installed
          when: partition == "user" && boot.verdict != "admitted"
          result: denied
          reason: This computer did not boot what it should.
        - name: old client
          when: partition == "user" && posture.packages.exists(p, p.name == "client" && compareVersions(p.version, "1.1") < 0)
          result: conditional
          rules: help.nft
          reason: The client is out of date.
        - {name: the rest, when: posture.agent.answered, result: unrestricted, reason: All is well.}
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

  @TempDir private Path folder;
  private final EventCollector events = new EventCollector();
  private RunningPlatform platform;
  private ManagementServices services;
  private boolean ended;

  @BeforeEach
  void write() throws Exception {
    Random random = new Random(11);
    byte[] kernel = new byte[64 << 10];
    random.nextBytes(kernel);
    Files.write(folder.resolve("kernel.img"), kernel);
    byte[] image = new byte[IMAGE_BLOCKS * 4096];
    random.nextBytes(image);
    Files.write(folder.resolve("safe.img"), image);
    Files.write(folder.resolve("disk.img"), image);
    try (RandomAccessFile disk = new RandomAccessFile(folder.resolve("disk.img").toFile(), "rw")) {
      disk.setLength(16 << 20);
    }
    Files.writeString(folder.resolve("policy.yaml"), POLICY);
    Files.writeString(folder.resolve("help.nft"), HELP_ONLY);
    Files.writeString(folder.resolve("client.package"), "package client 1.1\n");
    Files.writeString(folder.resolve("management.yaml"), MANAGEMENT);
    SigningKey.generate(folder.resolve("it.key"), folder.resolve("it.pub"));
    sign(kernel);
  }

  private void sign(byte[] kernel) throws Exception {
    Manifest manifest;
    try (FileChannel file = FileChannel.open(folder.resolve("safe.img"))) {
      HashTree tree = HashTree.over(BlockSource.of(file), IMAGE_BLOCKS, new byte[] {7});
      manifest =
          new Manifest(
              "user",
              1,
              Map.of(BootPart.Kind.IMAGE, sha256(kernel)),
              Optional.empty(),
              List.of(new ManifestDisk("disk", Optional.of(tree.verity()))));
    }
    byte[] bytes = ManifestFile.toJson(manifest).getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(folder.resolve("user.manifest"), bytes);
    Files.write(SignatureFile.of(file), SigningKey.read(folder.resolve("it.key")).sign(bytes));
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private void start() throws Exception {
    PlatformDescription description = PlatformFile.parse("story.yaml", folder, PLATFORM);
    ManagementDescription wanted =
        ManagementFile.read(folder.resolve("management.yaml"), description);
    VerifiedBoot gate = ManagementServices.gate(wanted);
    platform = RunningPlatform.start(description, folder, event -> {}, gate);
    platform.events().add(events);
    services = ManagementServices.start(wanted, gate, platform);
  }

  @AfterEach
  void stop() {
    if (!ended) {
      end();
    }
  }

  private void end() {
    ended = true;
    services.close();
    assertThat(platform.lvmm().breaches()).isEmpty();
    platform.close();
  }

  private Client client(String name) throws Exception {
    return platform.partition(name).client().orElseThrow();
  }

  private AccessDecision decide(String partition) throws Exception {
    return services.access().orElseThrow().reevaluate(partition, LIMIT).orElseThrow();
  }

  private void doesNotReach(String from, Ipv4Address to) {
    assertThatThrownBy(() -> client(from).ping(to, MOMENT)).isInstanceOf(ClientException.class);
  }

  private void awaitContainment(String state) throws InterruptedException {
    events.await(EventType.CONTAINMENT_STATE, event -> state.equals(event.data().get("state")));
  }

  private void person(Trigger trigger, String reason) throws Exception {
    services.containment().orElseThrow().request("user", trigger, reason);
  }

  private Verification chain() throws Exception {
    return AuditLog.verify(folder.resolve("audit.log"), Optional.empty());
  }

  @Test
  void partitionIsVerifiedRemediedInfectedContainedRebuiltAndTrustedAgain() throws Exception {
    start();
    assertThat(services.boot().record("user").orElseThrow().verdict()).isEqualTo(Outcome.ADMITTED);

    // Its client is old: conditional access, until it has the new one.
    assertThat(decide("user").verdict()).isEqualTo(Verdict.UNRESTRICTED);
    events.await(
        EventType.ACCESS_EVALUATION, event -> "old client".equals(event.data().get("rule")));
    events.await(EventType.ACCESS_REMEDIATION, event -> "done".equals(event.data().get("outcome")));
    client("user").ping(PEER, LIMIT);
    assertThat(decide("other").verdict()).isEqualTo(Verdict.UNRESTRICTED);
    client("user").ping(OTHER, LIMIT);

    // Malware goes for the text of the kernel: by a device, which is kept from it; by a processor.
    assertThat(client("user").attack(ROGUE, TEXT + 0x1008, LIMIT)).isEqualTo(DmaEnd.REFUSED);
    events.await(
        EventType.INTEGRITY_DENIED, event -> event.subject().function().equals(Optional.of(ROGUE)));
    awaitContainment("suspected");
    assertThat(platform.partition("user").partition().processors().store(TEXT + 0x2010, 8, 0x90))
        .isTrue();
    events.await(
        EventType.INTEGRITY_VIOLATION, event -> "kernel text".equals(event.data().get("range")));
    awaitContainment("contained");

    // Only help is reached; the other partition notices nothing.
    assertThat(services.enforcement().inForce("user").level()).isEqualTo(AccessLevel.REMEDIATION);
    doesNotReach("user", PEER);
    doesNotReach("user", OTHER);
    doesNotReach("other", Ipv4Address.parse("10.9.0.2"));
    client("user").ping(HELP, LIMIT);
    client("other").ping(PEER, LIMIT);
    decide("user");
    doesNotReach("user", PEER);

    // Rebuilt from the safe image, and looked at again.
    person(Trigger.REMEDIATE, "rebuild it");
    client("user").disk(1 << 20, LIMIT);
    services.recovery().rebuild("user", DataDisk.KEEP, RebuildProgress.NONE);
    assertThat(services.boot().record("user").orElseThrow().verdict()).isEqualTo(Outcome.ADMITTED);
    doesNotReach("user", PEER);
    person(Trigger.VERIFY, "it booted what it should");
    assertThat(decide("user").verdict()).isEqualTo(Verdict.UNRESTRICTED);
    doesNotReach("user", PEER);
    person(Trigger.CLEAR, "all is well");
    client("user").ping(PEER, LIMIT);
    client("user").ping(OTHER, LIMIT);

    end();
    assertThat(chain()).isInstanceOf(Verification.Verified.class);
    String log = Files.readString(folder.resolve("audit.log"));
    assertThat(log)
        .contains("boot.admitted", "access.remediation", "integrity.denied")
        .contains("integrity.violation", "containment.state", "rebuild.state");
  }
}
