package dev.portcullis.management.redfish;

import dev.portcullis.management.EventCollector;
import dev.portcullis.management.ManagementDescription;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.ManagementServices;
import dev.portcullis.management.account.Account;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Role;
import dev.portcullis.management.account.ServiceCertificate;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.boot.manifest.Manifest;
import dev.portcullis.management.boot.manifest.ManifestDisk;
import dev.portcullis.management.boot.manifest.ManifestFile;
import dev.portcullis.management.boot.manifest.SignatureFile;
import dev.portcullis.management.boot.manifest.SigningKey;
import dev.portcullis.management.boot.verity.BlockSource;
import dev.portcullis.management.boot.verity.HashTree;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// A platform of two clients and a bridge with a Redfish service, and accounts `admin`, `operator`
/// and `reader`.
///
/// @param folder where its files are
record TestSite(
    Path folder, RunningPlatform platform, ManagementServices services, EventCollector events)
    implements AutoCloseable {
  static final String PASSWORD = "a long password";
  static final String USER = "/redfish/v1/Systems/user";
  private static final int IMAGE_BYTES = 64 << 10;
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: disk, type: nvme, at: 00:04.0, size: 1M, file: disk.img}
        - {name: spare, type: edu, at: 00:05.0}
      partitions:
        - {name: user, memory: 16M, runs: client, devices: [disk]}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
        - {name: other, memory: 16M, runs: client}
      links:
        - between: [user, services]
      """;

  /// Makes what starting needs: a safe image, the disk as it says, a signed manifest, accounts, and
  /// a certificate.
  static void make(Path folder) throws Exception {
    byte[] image = new byte[IMAGE_BYTES];
    new Random(4).nextBytes(image);
    Files.write(folder.resolve("safe.img"), image);
    byte[] disk = new byte[1 << 20];
    System.arraycopy(image, 0, disk, 0, image.length);
    Files.write(folder.resolve("disk.img"), disk);
    SigningKey.generate(folder.resolve("it.key"), folder.resolve("it.pub"));
    try (FileChannel file = FileChannel.open(folder.resolve("safe.img"))) {
      HashTree tree = HashTree.over(BlockSource.of(file), IMAGE_BYTES / 4096, new byte[] {1, 2});
      Manifest manifest =
          new Manifest(
              "user",
              1,
              Map.of(),
              Optional.empty(),
              List.of(new ManifestDisk("disk", Optional.of(tree.verity()))));
      byte[] bytes = ManifestFile.toJson(manifest).getBytes(StandardCharsets.UTF_8);
      Path path = folder.resolve("user.manifest");
      Files.write(path, bytes);
      Files.write(SignatureFile.of(path), SigningKey.read(folder.resolve("it.key")).sign(bytes));
    }
    Accounts accounts = new Accounts(folder.resolve("accounts.json"), InstantSource.system());
    accounts.put(new Account("admin", Role.ADMINISTRATOR), PASSWORD);
    accounts.put(new Account("operator", Role.OPERATOR), PASSWORD);
    accounts.put(new Account("reader", Role.READ_ONLY), PASSWORD);
    ServiceCertificate.own(folder);
  }

  /// Starts what [#make] has made, or was started there before.
  ///
  /// @param more of the section `redfish`, indented by two
  static TestSite start(Path folder, String more) throws Exception {
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    ManagementDescription management =
        ManagementFile.parse(
            "management.yaml",
            folder,
            """
            state: state
            boot:
              key: it.pub
              others: start
              partitions:
                - partition: user
                  manifest: user.manifest
                  images: [{disk: disk, file: safe.img}]
            redfish:
              listen: 127.0.0.1:0
              accounts: accounts.json
              certificate: {store: service.p12, password-file: service.password}
            """
                + more,
            description);
    VerifiedBoot gate = ManagementServices.gate(management);
    RunningPlatform platform = RunningPlatform.start(description, folder, event -> {}, gate);
    EventCollector events = new EventCollector();
    platform.events().add(events);
    return new TestSite(
        folder, platform, ManagementServices.start(management, gate, platform), events);
  }

  RedfishClient client() throws Exception {
    return new RedfishClient(services.redfish().orElseThrow().address(), folder);
  }

  /// A client of an account's.
  RedfishClient client(String name) throws Exception {
    RedfishClient client = client();
    client.logIn(name, PASSWORD);
    return client;
  }

  @Override
  public void close() {
    services.close();
    platform.close();
  }
}
