package dev.portcullis.machine.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.portcullis.devices.nvme.NvmeOptions;
import dev.portcullis.devices.queue.QueuePairs;
import dev.portcullis.machine.description.Backing.Access;
import dev.portcullis.machine.description.Backing.Creation;
import dev.portcullis.machine.description.DeviceDescription.Edu;
import dev.portcullis.machine.description.DeviceDescription.Nvme;
import dev.portcullis.machine.description.WireDescription.Stream.Role;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.FeatureCapabilities;
import dev.portcullis.spec.register.PerformanceCapability;
import dev.portcullis.unit.policy.CacheSizes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MachineFileTest {
  private static final Path ROOT = Path.of(System.getProperty("portcullis.root"));
  private static final Path FOLDER = Path.of("/machines");

  private static MachineDescription parse(String yaml) throws MachineFileException {
    return MachineFile.parse("machine.yaml", FOLDER, yaml);
  }

  private static String refusalOf(String yaml) {
    return catchThrowableOfType(MachineFileException.class, () -> parse(yaml)).getMessage();
  }

  @Test
  void aDiskMayHaveADeviceTlbAndKeepsItInAnotherFile() throws MachineFileException {
    var devices =
        parse("units: [{at: 00:04.0}]\ndevices: [{type: nvme, at: 00:05.0, device-tlb: true}]")
            .devices();
    Nvme disk = (Nvme) devices.getFirst();
    assertThat(disk.deviceTlb()).isTrue();
    assertThat(disk.in(FOLDER.resolve("x")).deviceTlb()).isTrue();
  }

  @Test
  void aDmaEngineHasFourChannelsUnlessItSaysOtherwise() throws MachineFileException {
    String yaml =
        "units: [{at: 00:04.0}]\n"
            + "devices: [{type: dma-engine, at: 00:05.0},"
            + " {type: dma-engine, at: 00:06.0, channels: 16}]";
    assertThat(parse(yaml).devices())
        .containsExactly(
            new DeviceDescription.DmaEngine(new RequesterId(0, 5, 0), "dmar0", 4),
            new DeviceDescription.DmaEngine(new RequesterId(0, 6, 0), "dmar0", 16));
  }

  @Test
  void aNetworkCardHasAnAddressOfItsPlaceUnlessItSaysOtherwise() throws MachineFileException {
    String yaml =
        "units: [{at: 00:04.0}]\n"
            + "devices: [{type: virtio-net, at: 00:05.0},"
            + " {type: virtio-net, at: 00:06.0, mac: \"02:00:5E:00:53:0a\","
            + " queue-pairs: 3, most-queue-pairs: 4}]";
    assertThat(parse(yaml).devices())
        .containsExactly(
            new DeviceDescription.VirtioNet(
                new RequesterId(0, 5, 0),
                "dmar0",
                0x0250_4300_0028L,
                QueuePairs.of(1),
                0,
                new WireDescription.Peer()),
            new DeviceDescription.VirtioNet(
                new RequesterId(0, 6, 0),
                "dmar0",
                0x0200_5e00_530aL,
                new QueuePairs(3, 4),
                0,
                new WireDescription.Peer()));
  }

  @Test
  void virtualFunctionsTakePlacesAndNamesBehindTheirCards() throws MachineFileException {
    String yaml =
        "units: [{at: 00:04.0}]\n"
            + "devices:\n"
            + "- {type: virtio-net, at: 00:05.0, virtual-functions: 2, name: nic}\n"
            + "- {type: edu, name: rogue, at: 00:06.0}\n";
    Section file = Section.parse("machine.yaml", yaml);
    assertThat(MachineFile.partOf(file, FOLDER).names())
        .containsEntry("nic", new RequesterId(0, 5, 0))
        .containsEntry("nic-vf0", new RequesterId(0, 5, 1))
        .containsEntry("nic-vf1", new RequesterId(0, 5, 2))
        .containsEntry("rogue", new RequesterId(0, 6, 0))
        .hasSize(4);
    assertThat(refusalOf(yaml.replace("rogue", "nic-vf1")))
        .startsWith("machine.yaml:4: devices[1].name: there is a device \"nic-vf1\" already");
    assertThat(refusalOf(yaml.replace("functions: 2", "functions: 8")))
        .endsWith("virtual-functions: 8 is not a whole number from 0 to 7");
  }

  @Test
  void theCableOfANetworkCardLeadsToWhatItsFileSays() throws MachineFileException {
    String yaml =
        "units: [{at: 00:04.0}]\n"
            + "devices:\n"
            + "- {type: virtio-net, at: 00:05.0, wire: peer}\n"
            + "- {type: virtio-net, at: 00:06.0, wire: {cable: blue}}\n"
            + "- {type: virtio-net, at: 00:07.0, wire: {stream: net.sock, listen: true}}\n"
            + "- {type: virtio-net, at: 00:08.0, wire: {stream: \"tcp:127.0.0.1:90\"}}\n"
            + "- {type: virtio-net, at: 00:09.0, wire: {tap: tap0}}\n"
            + "- {type: virtio-net, at: 00:0a.0, wire: {replay: in.pcapng}}\n"
            + "- {type: virtio-net, at: 00:0b.0, wire: {cable: blue}}\n";
    assertThat(parse(yaml).devices())
        .extracting(device -> ((DeviceDescription.VirtioNet) device).wire())
        .containsExactly(
            new WireDescription.Peer(),
            new WireDescription.Cable("blue"),
            new WireDescription.Stream(
                UnixDomainSocketAddress.of("/machines/net.sock"), Role.LISTEN),
            new WireDescription.Stream(new InetSocketAddress("127.0.0.1", 90), Role.CONNECT),
            new WireDescription.Tap("tap0"),
            new WireDescription.Replay(FOLDER.resolve("in.pcapng")),
            new WireDescription.Cable("blue"));
  }

  @Test
  void anAddressOfNoCardIsRefused() {
    for (String mac : List.of("1", "01:00:00:00:00:00", "00:00:00:00:00:00", "02-00-00-00-00-01")) {
      assertThat(
              refusalOf(
                  "units: [{at: 00:04.0}]\n"
                      + "devices: [{type: virtio-net, at: 00:05.0, mac: \""
                      + mac
                      + "\"}]"))
          .contains("devices[0].mac", "is no address of");
    }
  }

  @Test
  void theStandardMachineHasOneUnitADiskAndAnEduDevice() {
    MachineDescription machine = MachineFile.standard();

    assertThat(machine.memoryBytes()).isEqualTo(512L << 20);
    assertThat(machine.units())
        .singleElement()
        .extracting(UnitDescription::id, UnitDescription::at)
        .containsExactly("dmar0", new RequesterId(0, 4, 0));
    assertThat(machine.devices())
        .containsExactly(
            new Nvme(
                new RequesterId(0, 5, 0),
                "dmar0",
                new Backing(Optional.empty(), 256L << 20, Creation.IF_MISSING, Access.READ_WRITE),
                QueuePairs.of(16),
                false,
                NvmeOptions.Messages.MSI_X),
            new Edu(new RequesterId(0, 6, 0), "dmar0", 64));
  }

  private static List<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("examples"))) {
      return files
          .filter(Files::isRegularFile)
          .filter(MachineFileTest::isOfAMachineAlone)
          .sorted()
          .toList();
    }
  }

  /// Others are platforms, and rules of one.
  private static boolean isOfAMachineAlone(Path example) {
    try {
      String text = Files.readString(example);
      return example.toString().endsWith(".yaml")
          && text.lines().noneMatch(line -> line.matches("(partitions|native):.*"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleIsAMachine(Path example) throws MachineFileException {
    MachineFile.read(example);
  }

  @Test
  void aUnitMayBeGivenAsRegisterWords() throws MachineFileException {
    Capabilities announced =
        MachineFile.read(ROOT.resolve("examples/raw-capabilities.yaml"))
            .units()
            .getFirst()
            .configuration()
            .capabilities();

    assertThat(announced.capability().word()).isEqualTo(0x00c9_008c_4066_0462L);
    assertThat(announced.extended().word()).isEqualTo(0xf0_50db);
    assertThat(announced.versionWord()).isEqualTo(0x10);
    assertThat(announced.hostAddressBits()).isEqualTo(39);
  }

  @Test
  void whatSingleFeaturesAnnounceMayBeGivenAsWords() throws MachineFileException {
    FeatureCapabilities announced =
        parse(
                """
                units:
                  - at: 00:04.0
                    profile: everything
                    capabilities:
                      perfcap: 0x0008_001f_0120_0002
                      perfcfgoff: 0x3000
                      perffrzoff: 0x1008
                      perfovfoff: 0x1010
                      perfcntroff: 0x8000
                      perfevntcap: [0x2]
                      eccap3: 0x0003_0000_0000_0000
                      vccap: 0x3
                      mtrrcap: 0x508
                """)
            .units()
            .getFirst()
            .configuration()
            .features();

    assertThat(announced)
        .isEqualTo(
            new FeatureCapabilities(
                new PerformanceCapability(
                    0x0008_001f_0120_0002L, 0x3000, 0x1008, 0x1010, 0x8000, List.of(2L)),
                List.of(0L, 0L, 0L, 3L << 48),
                3,
                0x508));
  }

  @Test
  void countersOfFewerGroupsCountTheEventsOfThoseThatAreLeft() throws MachineFileException {
    assertThat(
            parse(
                    "units: [{at: 00:04.0, profile: everything, capabilities: {perfcap:"
                        + " 0x0000000002300001}}]")
                .units()
                .getFirst()
                .configuration()
                .features()
                .performance()
                .events())
        .containsExactly(0b10L, 0b1100_1001L);
  }

  @Test
  void presetIsAnOlderWordForProfile() throws MachineFileException {
    assertThat(parse("units: [{at: 00:04.0, preset: scalable}]"))
        .isEqualTo(parse("units: [{at: 00:04.0, profile: scalable}]"))
        .isNotEqualTo(parse("units: [{at: 00:04.0}]"));
  }

  @Test
  void theLegacyExampleIsTheStandardMachine() throws MachineFileException {
    assertThat(MachineFile.read(ROOT.resolve("examples/legacy.yaml")))
        .isEqualTo(MachineFile.standard());
  }

  @Test
  void pathsAreRelativeToTheFile() throws MachineFileException {
    MachineDescription machine =
        parse(
            """
            units: [{at: 00:04.0}]
            devices: [{type: nvme, at: 00:05.0, file: ../disks/a.img}]
            """);

    assertThat(((Nvme) machine.devices().getFirst()).backing().file())
        .contains(Path.of("/disks/a.img"));
  }

  @Test
  void aUnitTakesEveryOption() throws MachineFileException {
    UnitDescription unit =
        parse(
                """
                units:
                  - id: a
                    at: 4.0
                    preset: register-based
                    version: 1.3
                    host-address-bits: 39
                    guest-address-bits: 48
                    domain-id-bits: 8
                    address-widths: [39, 48]
                    large-pages: [2M]
                    maximum-address-mask: 9
                    fault-records: 1
                    fault-record-offset: 0x220
                    invalidate-address-offset: 0x300
                    fault-collapse: per-requester
                    bit62: ignored
                    caches: {iotlb-4k: 64, iotlb-2m: 8, iotlb-1g: 4, context: 16, paging-structure: 32}
                    features: {caching-mode: true, pass-through: false}
                """)
            .units()
            .getFirst();
    var capabilities = unit.configuration().capabilities();

    assertThat(capabilities.minorVersion()).isEqualTo(3);
    assertThat(capabilities.hostAddressBits()).isEqualTo(39);
    assertThat(capabilities.has(Feature.CACHING_MODE)).isTrue();
    assertThat(capabilities.has(Feature.PASS_THROUGH)).isFalse();
    assertThat(capabilities.has(Feature.QUEUED_INVALIDATION)).isFalse();
    assertThat(unit.configuration().caches()).isEqualTo(new CacheSizes(64, 8, 4, 16, 32));
  }

  @Test
  void tooManyDevicesAreRefused() {
    StringBuilder yaml = new StringBuilder("units: [{at: 00:01.0}]\ndevices:\n");
    for (int device = 2; device <= 26; device++) {
      yaml.append("- {type: edu, at: '00:%02x.0'}\n".formatted(device));
    }

    assertThat(refusalOf(yaml.toString())).contains("1 to 8 units and up to 24 devices");
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    assertThat(
            catchThrowableOfType(
                MachineFileException.class, () -> MachineFile.read(Path.of("/absent.yaml"))))
        .hasMessage("/absent.yaml: there is no such file");
  }

  @Test
  void deepNestingIsRefusedLikeAnyMistake() {
    assertThat(refusalOf("[".repeat(100_000))).startsWith("machine.yaml: ");
  }

  @Test
  void unitsAndDevicesCanBeChangedInACopy() {
    MachineDescription machine = MachineFile.standard();

    assertThat(machine.withMemory(1L << 30).memoryBytes()).isEqualTo(1L << 30);
    assertThat(machine.withUnits(u -> u)).isEqualTo(machine);
    assertThat(machine.withDevices(d -> d).devices()).isEqualTo(List.copyOf(machine.devices()));
  }
}
