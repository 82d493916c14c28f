package dev.portcullis.system;

import dev.portcullis.management.account.Account;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Role;
import dev.portcullis.management.boot.ManifestMaker;
import dev.portcullis.management.boot.manifest.Manifest;
import dev.portcullis.management.boot.manifest.ManifestFile;
import dev.portcullis.management.boot.manifest.SignatureFile;
import dev.portcullis.management.boot.manifest.SigningKey;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.vmm.platform.BootPreview;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A folder with the files of the platform that stories are told of: a user's partition with a disk
/// and a rogue device, which boots verified, has access by a policy, is watched, contained and
/// rebuilt; the services partition; another client.
///
/// @param desk where the user's partition runs
record StorySite(Path folder, Desk desk) {
  static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  static final Ipv4Address USER = Ipv4Address.parse("10.9.0.2");
  static final Ipv4Address OTHER = Ipv4Address.parse("10.9.0.3");
  static final Ipv4Address HELP = Ipv4Address.parse("10.9.0.250");
  static final RequesterId ROGUE = RequesterId.parse("00:05.0");

  /// The rules of the policy that restrict.
  static final String OLD_CLIENT = "old client";

  private static final String ADMINISTRATOR = "it";
  private static final String PASSWORD = "correct-horse-Battery9";
  private static final int IMAGE_BYTES = 1 << 20;
  private static final int DISK_BYTES = 16 << 20;

  private static final String PLATFORM =
      """
      memory: %s
      units: [{at: 00:01.0, profile: scalable}]
      management: management.yaml
      events: {audit: audit.log}
      captures: captures
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: disk, type: nvme, at: 00:04.0, size: 16M, file: disk.img}
        - {name: rogue, type: edu, at: 00:05.0}
      partitions:
        - name: user
      %s
          runs: client
          address: 10.9.0.2/24
          devices: [disk, rogue]
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
          - {name: user, %s}
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
          when: partition == "user"
            && !posture.packages.exists(p, p.name == "client" && compareVersions(p.version, "1.1") >= 0)
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

  /// Where the user's partition runs, and what must not change there.
  enum Desk {
    /// Software in Java; an image of random bytes stands for its kernel.
    EMBEDDED(
        "192M",
        """
            memory: 16M
            image: {file: kernel.img, at: 12M}
        """,
        "ranges: [{name: kernel text, at: 12M, size: 64K}]"),

    /// Debian's kernel as it is, in QEMU.
    QEMU(
        "1G",
        """
            memory: 320M
            engine: qemu
        """,
        "kernel: linux");

    private final String memory;
    private final String partition;
    private final String watched;

    Desk(String memory, String partition, String watched) {
      this.memory = memory;
      this.partition = partition.stripTrailing();
      this.watched = watched;
    }
  }

  /// Writes all files into a folder.
  static StorySite make(Path folder, Desk desk) throws Exception {
    StorySite site = new StorySite(folder, desk);
    Random random = new Random(11);
    byte[] kernel = new byte[64 << 10];
    random.nextBytes(kernel);
    site.write("kernel.img", kernel);
    byte[] image = new byte[IMAGE_BYTES];
    random.nextBytes(image);
    site.write("safe.img", image);
    site.write("disk.img", image);
    try (RandomAccessFile disk = new RandomAccessFile(folder.resolve("disk.img").toFile(), "rw")) {
      disk.setLength(DISK_BYTES);
    }
    site.write("platform.yaml", PLATFORM.formatted(desk.memory, desk.partition));
    site.write("management.yaml", MANAGEMENT.formatted(desk.watched));
    site.write("policy.yaml", POLICY);
    site.write("help.nft", HELP_ONLY);
    SigningKey.generate(folder.resolve("it.key"), folder.resolve("it.pub"));
    site.sign();
    return site;
  }

  private void sign() throws Exception {
    var material = BootPreview.of(platform().partition("user"), Progress.none());
    Map<String, Path> images = Map.of("disk", folder.resolve("safe.img"));
    Manifest manifest = ManifestMaker.make(material, List.of("disk"), images, new byte[] {7}, 1);
    byte[] bytes = ManifestFile.toJson(manifest).getBytes(StandardCharsets.UTF_8);
    Path file = write("user.manifest", bytes);
    Files.write(SignatureFile.of(file), SigningKey.read(folder.resolve("it.key")).sign(bytes));
  }

  private Path write(String name, String text) throws Exception {
    return write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private Path write(String name, byte[] bytes) throws Exception {
    return Files.write(folder.resolve(name), bytes);
  }

  /// Lets an administrator in from afar.
  StorySite withRedfish() throws Exception {
    Path file = folder.resolve("management.yaml");
    Files.writeString(
        file,
        "redfish: {listen: '127.0.0.1:0', accounts: accounts.json}\n",
        StandardOpenOption.APPEND);
    new Accounts(folder.resolve("accounts.json"), InstantSource.system())
        .put(new Account(ADMINISTRATOR, Role.ADMINISTRATOR), PASSWORD);
    return this;
  }

  /// That administrator, who trusts the platform's own certificate.
  Administrator administrator(InetSocketAddress address) throws Exception {
    Path own = folder.resolve("state/certificate");
    char[] password = Files.readString(own.resolve("service.password")).strip().toCharArray();
    KeyStore service = KeyStore.getInstance(own.resolve("service.p12").toFile(), password);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("service", service.getCertificate("service"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return new DistantAdministrator(address, context, ADMINISTRATOR, PASSWORD);
  }

  /// Has the services partition offer what the user's partition lacks.
  void offerClient() throws Exception {
    write("client.package", "package client 1.1\n");
  }

  /// The file to start, by `./portcullis run` too.
  Path platformFile() {
    return folder.resolve("platform.yaml");
  }

  /// What is in it.
  PlatformDescription platform() throws Exception {
    return PlatformFile.read(platformFile());
  }

  /// The log whose records are chained.
  Path auditLog() {
    return folder.resolve("audit.log");
  }

  /// What came and went at the bridge's ports.
  Path captures() {
    return folder.resolve("captures");
  }
}
