package dev.portcullis.vmm.platform.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.portcullis.machine.description.MachineFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PlatformFileTest {
  private static final Path ROOT = Path.of(System.getProperty("portcullis.root"));

  private static final String GOOD =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: rogue, type: edu, at: 00:05.0}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24, devices: [rogue]}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
      links:
        - between: [user, services]
      expect:
        - {does: ping, from: user, to: 10.9.0.1}
      """;

  @TempDir private Path folder;

  private String refusalOf(String yaml) {
    return catchThrowableOfType(
            MachineFileException.class, () -> PlatformFile.parse("p.yaml", folder, yaml))
        .getMessage();
  }

  private static Stream<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("examples"))) {
      return files
          .filter(Files::isRegularFile)
          .filter(example -> example.toString().endsWith(".yaml"))
          .filter(PlatformFileTest::hasPartitions)
          .sorted()
          .toList()
          .stream();
    }
  }

  private static boolean hasPartitions(Path example) {
    try {
      return Files.readString(example).lines().anyMatch(line -> line.startsWith("partitions:"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleIsAPlatform(Path example) throws MachineFileException {
    assertThat(PlatformFile.read(example).expectations()).isNotEmpty();
  }

  @Test
  void devicesAreCalledByNameOrPlace() throws MachineFileException {
    PlatformDescription platform =
        PlatformFile.parse("p.yaml", folder, GOOD.replace("devices: [nic]", "devices: [00:03.0]"));

    assertThat(platform.partition("services").devices()).containsExactly(platform.device("nic"));
    assertThat(platform.nameOf(platform.device("00:05.0"))).isEqualTo("rogue");
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake("partitions:", "partition:", "p.yaml:1: \"partitions\" is missing"),
        mistake("  - {name: rogue", "  - {nam: rogue", "p.yaml:5: devices[1].nam: there is no"),
        mistake("runs: bridge,", "", "p.yaml:8: partitions[1]: \"runs\" is missing"),
        mistake("runs: bridge", "runs: brige", "p.yaml:8: partitions[1].runs: \"brige\" is no"),
        mistake("name: services", "name: user", "p.yaml:8: partitions[1].name: there is a"),
        mistake("memory: 32M", "memory: 33M", "p.yaml:8: partitions[1].memory: 33 MiB: at"),
        mistake("memory: 32M", "memory: 128M", "p.yaml:1: memory: 128 MiB are not enough"),
        mistake(
            "devices: [nic]",
            "devices: [nic, rogue]",
            "p.yaml:8: partitions[1].devices: 00:05.0 is given to user already"),
        mistake(
            "devices: [nic]", "devices: [disk]", "p.yaml:8: partitions[1].devices[0]: there is"),
        mistake(
            "between: [user, services]",
            "between: [user, user]",
            "p.yaml:10: links[0].between: two different partitions are needed"),
        mistake(
            "between: [user, services]",
            "between: [user, servces]",
            "p.yaml:10: links[0].between[1]: there is no partition \"servces\""),
        mistake("10.9.0.2/24", "10.9.0.2", "p.yaml:7: partitions[0].address: \"10.9.0.2\" is"),
        mistake("to: 10.9.0.1", "to: peer", "p.yaml:12: expect[0].to: not an IPv4 address"),
        mistake("does: ping", "does: pong", "p.yaml:12: expect[0].does: \"pong\" is none of"),
        mistake("from: user", "from: me", "p.yaml:12: expect[0].from: there is no partition"),
        mistake("profile: scalable", "profile: legacy", "p.yaml:2: units: without interrupt remap"),
        mistake(
            "{does: ping, from: user, to: 10.9.0.1}",
            "{does: attack, from: user, device: nic, target: monitor}",
            "p.yaml:12: expect[0].device: 00:03.0 is not given to user"),
        mistake(
            "{does: ping, from: user, to: 10.9.0.1}",
            "{does: invisible, from: user, device: rogue}",
            "p.yaml:12: expect[0].device: 00:05.0 is given to user, which sees it"),
        mistake(
            "runs: bridge", "runs: bridge, kernel: k", "p.yaml:8: partitions[1]: \"kernel\", \"in"),
        mistake(
            "runs: bridge",
            "runs: bridge, engine: qemu, image: {file: i}",
            "p.yaml:8: partitions[1].image: only an embedded partition has one"),
        mistake(
            "runs: bridge",
            "runs: bridge, image: {file: i, at: 32M}",
            "p.yaml:8: partitions[1].image.at: 32 MiB: a multiple of 4 KiB below 32 MiB"),
        mistake(
            "runs: bridge",
            "runs: bridge, engine: qemu, append: \"a\\nb\"",
            "p.yaml:8: partitions[1].append: up to 1024 characters on one line"),
        mistake("links:", "rules: absent.nft\nlinks:", "p.yaml:9: rules: "));
  }

  static Stream<Arguments> impossibleAssignments() {
    return Stream.of(
        impossible(
            "at: 00:05.0, reserved-memory: {at: 0x7f00000, size: 4K}",
            "type: edu, at: 00:06.0",
            "p.yaml:8: partitions[0].devices[0]: 00:05.0 goes on using reserved memory (RMRR) at"
                + " 0x7f00000-0x7f00fff for the firmware and stays with the monitor: take it out of"
                + " the partition, or leave reserved-memory out"),
        impossible(
            "at: 00:05.0, reserved-memory: {at: 0x5000000, size: 4K}",
            "type: edu, at: 00:06.0",
            "p.yaml:5: devices[1].reserved-memory: 0x5000000-0x5000fff is not all the firmware's,"
                + " which is up to 0x1fffff and from 0x7f00000 on"),
        impossible(
            "at: 00:05.0",
            "type: edu, at: 00:05.1, reserved-memory: {at: 0x1000, size: 4K}",
            "p.yaml:8: partitions[0].devices[0]: 00:05.0 cannot be kept apart from 00:05.1, which"
                + " stays with the monitor: they are functions of device 00:05 without ACS between"
                + " them"),
        impossible(
            "at: 00:05.0",
            "type: edu, at: 00:05.1",
            "p.yaml:9: partitions[1].devices: 00:05.1 cannot be kept apart from 00:05.0, which is"
                + " given to user: they are functions of device 00:05 without ACS between them;"
                + " give both to one partition, or say acs: true of both if they have it"),
        impossible(
            "at: 00:05.0, acs: true, requester-id: 00:1e.0",
            "type: edu, at: 00:06.0, acs: true, requester-id: 00:1e.0",
            "p.yaml:9: partitions[1].devices: 00:06.0 cannot be kept apart from 00:05.0, which is"
                + " given to user: they share requester ID 00:1e.0; give both to one partition"));
  }

  private static Arguments impossible(String rogue, String other, String refusal) {
    return Arguments.of(rogue, other, refusal);
  }

  private static String with(String rogue, String other) {
    return GOOD.replace("at: 00:05.0}", rogue + "}\n  - {name: other, " + other + "}")
        .replace("devices: [nic]", "devices: [nic, other]");
  }

  @ParameterizedTest
  @MethodSource("impossibleAssignments")
  void anImpossibleAssignmentIsRefusedWithWhatToChange(String rogue, String other, String refusal) {
    assertThat(refusalOf(with(rogue, other))).isEqualTo(refusal);
  }

  @Test
  void aPartitionInQemuIsGivenNothingWithAnothersRequesterId() {
    assertThat(
            refusalOf(
                with("at: 00:05.0", "type: edu, at: 00:06.0, requester-id: 00:1e.0")
                    .replace("runs: bridge", "engine: auto, runs: bridge")))
        .isEqualTo(
            "p.yaml:9: partitions[1].devices: 00:06.0 has requester ID 00:1e.0: only a partition"
                + " with engine: embedded can have it");
  }

  @Test
  void whatCannotBeKeptApartMayBelongToOne_andWhatHasAcsToTwo() throws MachineFileException {
    String apart = with("at: 00:05.0, acs: true", "type: edu, at: 00:05.1, acs: true");
    String together =
        with("at: 00:05.0, requester-id: 00:1e.0", "type: edu, at: 00:05.1")
            .replace("devices: [nic, other]", "devices: [nic]")
            .replace("devices: [rogue]", "devices: [rogue, other]");

    assertThat(PlatformFile.parse("p.yaml", folder, apart).partition("services").devices())
        .hasSize(2);
    assertThat(PlatformFile.parse("p.yaml", folder, together).partition("user").devices())
        .hasSize(2);
  }

  private static Arguments mistake(String from, String to, String refusal) {
    return Arguments.of(from, to, refusal);
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeIsRefusedWithItsLineAndReason(String from, String to, String refusal) {
    assertThat(GOOD).contains(from);
    assertThat(refusalOf(GOOD.replace(from, to))).startsWith(refusal).hasLineCount(1);
  }

  @Test
  void brokenRulesAreRefusedWithTheirLine() throws IOException {
    Files.writeString(folder.resolve("bad.nft"), "table bridge t {\n\tchain c {\n\t\tacept\n");

    assertThat(refusalOf(GOOD + "rules: bad.nft\n"))
        .startsWith("p.yaml:13: rules: " + folder.resolve("bad.nft") + ":3: ");
  }

  @Test
  void expectationsMayBeLookedAtAtOnce() throws MachineFileException {
    String yaml =
        GOOD
            + "  - together:\n"
            + "      - {does: ping, from: user, to: 10.9.0.1}\n"
            + "      - {does: invisible, from: user, device: nic}\n";

    assertThat(PlatformFile.parse("p.yaml", folder, yaml).steps())
        .extracting(step -> step.atOnce().size())
        .isEqualTo(List.of(1, 2));
  }

  static Stream<Arguments> rules() {
    return Stream.of(
        Arguments.of("{name: r}", "p.yaml:14: faults[0]: \"do\" is missing"),
        Arguments.of("{name: r, do: []}", "p.yaml:14: faults[0]: \"do\" is missing"),
        Arguments.of("{do: [message]}", "p.yaml:14: faults[0]: \"name\" is missing"),
        Arguments.of("{name: r, do: [shout]}", "p.yaml:14: faults[0].do[0]: \"shout\" is none of"),
        Arguments.of(
            "{name: r, do: [message], devices: [disk]}",
            "p.yaml:14: faults[0].devices[0]: there is no device \"disk\""),
        Arguments.of(
            "{name: r, do: [message], reasons: [zz]}",
            "p.yaml:14: faults[0].reasons[0]: \"zz\" is no fault reason, such as 79h"),
        Arguments.of(
            "{name: r, do: [message], count: 0}",
            "p.yaml:14: faults[0].count: 0 is not a whole number from 1 to 1000000"));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aMistakeInARuleIsRefused(String rule, String refusal) {
    assertThat(refusalOf(GOOD + "faults:\n  - " + rule + "\n")).startsWith(refusal);
  }

  @Test
  void rulesAndReceiversAreRead() throws MachineFileException {
    String yaml =
        GOOD
            + "faults:\n"
            + "  - {name: r, devices: [rogue], partitions: [user], reasons: [79h, 0x26],"
            + " classes: [interrupt], at-least: error, count: 3, within-seconds: 60,"
            + " do: [message, stop-device], escalate: true, continue: true,"
            + " cool-down-seconds: 5}\n"
            + "events: {json: e.json, audit: a.log, syslog-udp: 'localhost:514'}\n";

    ManagementDescription management = PlatformFile.parse("p.yaml", folder, yaml).management();

    assertThat(management.audit()).contains(folder.resolve("a.log"));
    assertThat(management.syslogUdp().orElseThrow().getPort()).isEqualTo(514);
    assertThat(management.rules())
        .singleElement()
        .satisfies(rule -> {
          assertThat(rule.match().functions()).hasSize(1);
          assertThat(rule.match().reasons()).hasSize(2);
          assertThat(rule.rate().count()).isEqualTo(3);
          assertThat(rule.actions()).hasSize(2);
        });
  }
}
